package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

// find fills in HubSpot's own ids of the records that nothing else leads to:
// those to be updated, renamed or archived. A record to be archived is looked
// for even by its id: one that was merged into another answers as that other,
// which must stay.
func (d *delivery) find(ctx context.Context) error {
	var byID, byMatch, byOld []int
	for i := range d.out {
		op := d.b.Op(i)
		switch {
		case op == destinations.OpInsert || op == destinations.OpAppend || d.match == "":
		case d.match == recordID:
			d.ids[i] = d.matchText(i)
			if op == destinations.OpRemove {
				byID = append(byID, i)
			}
		case d.b.RemoteID(i) != "":
			d.ids[i] = d.b.RemoteID(i)
			if op == destinations.OpRemove {
				byID = append(byID, i)
			}
		case d.renamed(i):
			byOld = append(byOld, i)
		case op != destinations.OpUpsert:
			byMatch = append(byMatch, i)
		}
	}
	if err := d.look(ctx, "", byID, func(i int) string { return d.ids[i] }); err != nil {
		return err
	}
	if err := d.look(ctx, d.match, byOld, d.oldMatchText); err != nil {
		return err
	}
	for _, i := range byOld {
		if d.ids[i] == "" { // or it was renamed before, and the answer was lost
			byMatch = append(byMatch, i)
		}
	}
	if err := d.look(ctx, d.match, byMatch, d.matchText); err != nil {
		return err
	}
	for _, i := range slices.Concat(byID, byMatch) {
		d.absent(i)
	}
	return nil
}

// absent says of a record that was looked for and not found what follows.
func (d *delivery) absent(i int) {
	switch {
	case d.ids[i] != "":
	case d.b.Op(i) == destinations.OpUpsert:
		d.whole[i] = true
	default:
		d.out[i] = destinations.Outcome{Status: destinations.Missing, Code: "missing", Message: "HubSpot has no such record: it was never there, or was archived or merged into another"}
	}
}

// look finds records by the values of a property, "" for their ids, and fills
// in the ids found; "" for the others.
func (d *delivery) look(ctx context.Context, by string, list []int, value func(int) string) error {
	if len(list) == 0 {
		return nil
	}
	values := make([]string, len(list))
	for n, i := range list {
		values[n] = value(i)
	}
	found, err := d.h.read(ctx, d.b.Sync.Object, by, values)
	if err != nil {
		return err
	}
	for n, i := range list {
		d.ids[i] = found[n]
	}
	return nil
}

// read asks for records by the values of a unique property, "" for their ids,
// and gives HubSpot's ids in the same order, "" where there is none.
func (h *HubSpot) read(ctx context.Context, object, by string, values []string) ([]string, error) {
	out := make([]string, 0, len(values))
	for part := range slices.Chunk(values, batchRows) {
		ids, err := h.readSome(ctx, object, by, part)
		if err != nil {
			return nil, nothingWritten(err)
		}
		for _, v := range part {
			out = append(out, ids[fold(v)])
		}
	}
	return out, nil
}

// nothingWritten makes of a lost answer to a question what it is: no harm done.
func nothingWritten(err error) error {
	var lost *destinations.LostError
	if errors.As(err, &lost) {
		return &destinations.DownError{Code: lost.Code, Err: fmt.Errorf("looking for records: %w", err)}
	}
	return err
}

func (h *HubSpot) readSome(ctx context.Context, object, by string, values []string) (map[string]string, error) {
	body := destinations.NewBody()
	defer body.Release()
	body.B = append(body.B, `{"properties":[`...)
	if by != "" {
		body.B = rows.AppendString(body.B, []byte(by))
		body.B = rows.AppendString(append(body.B, `],"idProperty":`...), []byte(by))
	} else {
		body.B = append(body.B, ']')
	}
	body.B = append(body.B, `,"inputs":[`...)
	asked := make(map[string]bool, len(values))
	for _, v := range values {
		if v == "" || asked[fold(v)] {
			continue
		}
		if len(asked) > 0 {
			body.B = append(body.B, ',')
		}
		asked[fold(v)] = true
		body.B = append(rows.AppendString(append(body.B, `{"id":`...), []byte(v)), '}')
	}
	body.B = append(body.B, "]}"...)
	answer, err := h.do(ctx, http.MethodPost, h.objects(object, "batch/read"), body)
	if err != nil {
		return nil, err
	}
	return readIDs(answer, by)
}

// readIDs reads which records an answer tells of, by what they were asked for.
func readIDs(a *destinations.Answer, by string) (map[string]string, error) {
	doc := gjson.ParseBytes(a.Body)
	if a.Code == http.StatusNotFound && doc.Get("category").String() == notFound {
		return nil, nil
	}
	if err := errorOf(a); err != nil {
		return nil, err
	}
	if !gjson.ValidBytes(a.Body) || !doc.Get("results").IsArray() {
		return nil, errNoResults(a)
	}
	ids := map[string]string{}
	doc.Get("results").ForEach(func(_, r gjson.Result) bool {
		id := r.Get("id").String()
		at := id
		if by != "" {
			at = member(r.Get("properties"), by).String()
		}
		if !r.Get("archived").Bool() {
			ids[fold(at)] = id
		}
		return true
	})
	return ids, nil
}

// member is one member of an object, whatever characters its name has.
func member(object gjson.Result, name string) (out gjson.Result) {
	object.ForEach(func(k, v gjson.Result) bool {
		if k.String() == name {
			out = v
			return false
		}
		return true
	})
	return out
}

// Find implements destinations.Finder.
func (h *HubSpot) Find(ctx context.Context, b *destinations.Batch) ([]string, error) {
	d, err := h.newDelivery(b)
	if err != nil {
		return nil, err
	}
	by := d.match
	if by == recordID {
		by = ""
	}
	values := make([]string, b.Len())
	for i := range values {
		values[i] = d.matchText(i)
	}
	return h.read(ctx, b.Sync.Object, by, values)
}
