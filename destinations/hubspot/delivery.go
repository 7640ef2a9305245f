package hubspot

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

// delivery is one batch under way: where each record goes and what became of it.
type delivery struct {
	h     *HubSpot
	b     *destinations.Batch
	match string // the property that records are found by; "" in an insert without one
	types []destinations.FieldInfo
	out   []destinations.Outcome

	ids   []string // HubSpot's own ids of the records, as far as they are known
	whole []bool   // a record that was to be renamed and is nowhere: made anew, with all it has

	create, upsert, update, archive []int
}

func (h *HubSpot) newDelivery(b *destinations.Batch) (*delivery, error) {
	d := &delivery{h: h, b: b, types: b.Sync.Fields, out: make([]destinations.Outcome, b.Len()), ids: make([]string, b.Len()), whole: make([]bool, b.Len())}
	switch len(b.Sync.Match) {
	case 0:
	case 1:
		d.match = b.Sync.Match[0].Name
	default:
		return nil, errors.New("HubSpot finds a record by one property, and `match` names several")
	}
	return d, nil
}

// sort decides where each record goes. Those that only an id leads to, and
// whose id is not known, are looked up first.
func (d *delivery) sort(ctx context.Context) error {
	if err := d.find(ctx); err != nil {
		return err
	}
	seen := make(map[string]bool, d.b.Len())
	for i := range d.out {
		if d.out[i].Status != 0 {
			continue
		}
		op := d.b.Op(i)
		if op == destinations.OpAppend || d.match == "" && op != destinations.OpInsert {
			return errors.New("HubSpot finds no record without a match (say `match:`)")
		}
		if d.twice(seen, i, op) {
			continue
		}
		switch {
		case op == destinations.OpInsert:
			d.create = append(d.create, i)
		case op == destinations.OpRemove:
			d.archive = append(d.archive, i)
		case d.ids[i] != "":
			d.update = append(d.update, i)
		default:
			d.upsert = append(d.upsert, i)
		}
	}
	return nil
}

// twice refuses the second of two records that are one to HubSpot: it refuses a
// batch that names a record twice.
func (d *delivery) twice(seen map[string]bool, i int, op destinations.Op) bool {
	name := "id " + d.ids[i]
	if d.ids[i] == "" || op == destinations.OpInsert {
		if d.match == "" {
			return false
		}
		name = "match " + fold(d.matchText(i))
	}
	if !seen[name] {
		seen[name] = true
		return false
	}
	d.out[i] = destinations.Outcome{Status: destinations.Rejected, Code: "same_record", Field: d.match,
		Message: "another row of the sync is the same record in HubSpot: it was merged with this one, or its " + d.match + " differs in upper and lower case only"}
	if op == destinations.OpRemove {
		d.out[i].Status = destinations.Missing
	}
	return true
}

// fold is a value as HubSpot compares those that are unique.
func fold(value string) string { return strings.ToLower(strings.TrimSpace(value)) }

// textOf is a JSON value as HubSpot's text.
func textOf(v []byte) string {
	if len(v) > 0 && v[0] == '"' {
		return gjson.ParseBytes(v).String()
	}
	return string(v)
}

// matchText is the value that record i is found by.
func (d *delivery) matchText(i int) string {
	v, _ := d.b.MatchValue(i, d.match)
	return textOf(v)
}

// oldMatchText is the value it was found by before; "" where it is the same.
func (d *delivery) oldMatchText(i int) string {
	for name, v := range destinations.Members(d.b.OldMatch(i)) {
		if string(name) == d.match {
			return textOf(v)
		}
	}
	return ""
}

// renamed tells whether record i is to be found by another value from now on.
func (d *delivery) renamed(i int) bool {
	return d.b.OldMatch(i) != nil && d.match != recordID
}

// fields is what to send of record i.
func (d *delivery) fields(i int) []byte {
	if d.whole[i] {
		return d.b.Whole(i)
	}
	return d.b.Fields(i)
}

// input is what one record adds to a request.
type input struct {
	id, idProperty string // "" is left out
	alsoMatch      bool   // the match is sent as a property too
}

// body writes the inputs of a request. A record with a value that HubSpot
// cannot be told is refused here and left out; what is left is returned.
func (d *delivery) body(body *destinations.Body, list []int, of func(i int) input) []int {
	kept := make([]int, 0, len(list))
	body.B = append(body.B, `{"inputs":[`...)
	for _, i := range list {
		from := len(body.B)
		if len(kept) > 0 {
			body.B = append(body.B, ',')
		}
		var fault *valueError
		if body.B, fault = d.appendInput(body.B, i, of(i)); fault != nil {
			body.B = body.B[:from]
			d.out[i] = destinations.Outcome{Status: destinations.Rejected, Code: fault.code, Field: fault.field, Message: fault.Error()}
			continue
		}
		kept = append(kept, i)
	}
	body.B = append(body.B, "]}"...)
	return kept
}

func (d *delivery) appendInput(dst []byte, i int, in input) ([]byte, *valueError) {
	dst = append(dst, '{')
	if in.id != "" {
		dst = rows.AppendString(append(dst, `"id":`...), []byte(in.id))
		dst = append(dst, ',')
	}
	if in.idProperty != "" {
		dst = rows.AppendString(append(dst, `"idProperty":`...), []byte(in.idProperty))
		dst = append(dst, ',')
	}
	dst = append(dst, `"objectWriteTraceId":"`...)
	dst = strconv.AppendInt(dst, int64(i), 10)
	dst = append(dst, `","properties":{`...)
	dst, fault := d.appendProperties(dst, i, in.alsoMatch)
	return append(dst, "}}"...), fault
}

// appendProperties writes the fields of record i, and its match where asked and
// not among them.
func (d *delivery) appendProperties(dst []byte, i int, alsoMatch bool) ([]byte, *valueError) {
	start, next := len(dst), 0
	for name, v := range destinations.Members(d.fields(i)) {
		if string(name) == d.match {
			alsoMatch = false
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(rows.AppendString(dst, name), ':')
		var typ rows.Type
		typ, next = d.typeOf(name, next)
		var fault *valueError
		if dst, fault = appendValue(dst, v, typ); fault != nil {
			fault.field = string(name)
			return dst, fault
		}
	}
	if !alsoMatch {
		return dst, nil
	}
	if len(dst) > start {
		dst = append(dst, ',')
	}
	dst = append(rows.AppendString(dst, []byte(d.match)), ':')
	return rows.AppendString(dst, []byte(d.matchText(i))), nil
}

// typeOf is the type of a field. Fields come in the order of the sync, so the
// search begins where the last one ended.
func (d *delivery) typeOf(name []byte, next int) (rows.Type, int) {
	for n := range d.types {
		at := (next + n) % len(d.types)
		if d.types[at].Name == string(name) {
			return d.types[at].Type, at + 1
		}
	}
	return 0, next
}
