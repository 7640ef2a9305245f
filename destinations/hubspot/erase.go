package hubspot

import (
	"context"
	"errors"
	"net/http"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

// Erase implements destinations.Eraser. HubSpot erases contacts, one in each
// request; other records it can only archive.
func (h *HubSpot) Erase(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	d, err := h.newDelivery(b)
	if err != nil {
		return nil, err
	}
	for i := range d.out {
		if b.Sync.Object != "contacts" {
			d.out[i] = destinations.Outcome{Status: destinations.Rejected, Code: "no_erasure", Final: true, Message: "HubSpot erases contacts only: archive the record, and delete it for good in HubSpot"}
			continue
		}
		o, err := d.eraseOne(ctx, i)
		if err != nil {
			d.later(i)
			return d.out, err
		}
		d.out[i] = o
	}
	return d.out, nil
}

// later says of the records from i on that they were not tried.
func (d *delivery) later(i int) {
	for ; i < len(d.out); i++ {
		d.out[i] = destinations.Outcome{Status: destinations.Later, Code: "not_sent"}
	}
}

// eraseOne erases one contact. An error ends it for the others too; what is
// said of this one alone is its outcome.
func (d *delivery) eraseOne(ctx context.Context, i int) (destinations.Outcome, error) {
	id, by := d.b.RemoteID(i), ""
	if id == "" {
		if d.match == "" {
			return destinations.Outcome{Status: destinations.Rejected, Code: "no_match", Message: "neither HubSpot's id nor a match leads to the contact"}, nil
		}
		if id = d.matchText(i); d.match != recordID {
			by = d.match
		}
	}
	body := destinations.NewBody()
	defer body.Release()
	body.B = rows.AppendString(append(body.B, `{"objectId":`...), []byte(id))
	if by != "" {
		body.B = rows.AppendString(append(body.B, `,"idProperty":`...), []byte(by))
	}
	body.B = append(body.B, '}')
	answer, err := d.h.do(ctx, http.MethodPost, d.h.objects("contacts", "gdpr-delete"), body)
	if err == nil {
		err = errorOf(answer)
	}
	var lost *destinations.LostError
	var refused *destinations.RefusedError
	switch {
	case err == nil:
		return destinations.Outcome{Status: destinations.Accepted, RemoteID: d.b.RemoteID(i)}, nil
	case errors.As(err, &refused) && answer.Code == http.StatusNotFound:
		return destinations.Outcome{Status: destinations.Missing, Code: "missing"}, nil
	case errors.As(err, &refused):
		return destinations.Outcome{Status: destinations.Rejected, Code: refused.Code, Field: refused.Field, Message: destinations.Redact(refused.Message)}, nil
	case errors.As(err, &lost):
		return destinations.Outcome{Status: destinations.Unknown, Code: lost.Code, Message: destinations.Redact(lost.Error())}, nil
	}
	return destinations.Outcome{}, err
}
