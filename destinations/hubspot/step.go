package hubspot

import (
	"context"
	"net/http"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

// sendCreate makes records. With a match its value goes along, so that HubSpot
// refuses a second one where it is unique.
func (d *delivery) sendCreate(ctx context.Context, list []int) error {
	return d.send(ctx, "batch/create", list, true, func(int) input { return input{alsoMatch: d.match != ""} })
}

// sendUpsert writes records that are found by their match, or made.
func (d *delivery) sendUpsert(ctx context.Context, list []int) error {
	return d.send(ctx, "batch/upsert", list, false, func(i int) input { return input{id: d.matchText(i), idProperty: d.match} })
}

// sendUpdate writes records by HubSpot's own id, and their new match where that
// has changed.
func (d *delivery) sendUpdate(ctx context.Context, list []int) error {
	return d.send(ctx, "batch/update", list, false, func(i int) input { return input{id: d.ids[i], alsoMatch: d.renamed(i)} })
}

func (d *delivery) send(ctx context.Context, path string, list []int, created bool, of func(int) input) error {
	body := destinations.NewBody()
	defer body.Release()
	if list = d.body(body, list, of); len(list) == 0 {
		return nil
	}
	answer, err := d.h.do(ctx, http.MethodPost, d.h.objects(d.b.Sync.Object, path), body)
	if err != nil {
		return err
	}
	return d.read(list, answer, created)
}

// sendArchive archives records, by HubSpot's own ids alone. HubSpot answers
// without a word of them.
func (d *delivery) sendArchive(ctx context.Context, list []int) error {
	body := destinations.NewBody()
	defer body.Release()
	body.B = append(body.B, `{"inputs":[`...)
	for n, i := range list {
		if n > 0 {
			body.B = append(body.B, ',')
		}
		body.B = append(rows.AppendString(append(body.B, `{"id":`...), []byte(d.ids[i])), '}')
	}
	body.B = append(body.B, "]}"...)
	answer, err := d.h.do(ctx, http.MethodPost, d.h.objects(d.b.Sync.Object, "batch/archive"), body)
	if err != nil {
		return err
	}
	if err := errorOf(answer); err != nil {
		return err
	}
	for _, i := range list {
		d.out[i] = destinations.Outcome{Status: destinations.Accepted, RemoteID: d.ids[i]}
	}
	return nil
}
