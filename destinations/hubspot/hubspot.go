package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/weir-data/weir/destinations"
)

// HubSpot sends records to one account.
type HubSpot struct {
	client               *http.Client
	base, token, version string
	sandboxed            bool
	custom               []property // of the settings, for the sandbox

	mu       sync.Mutex
	prepared map[string]bool // objects whose custom properties the sandbox has
}

// Deliver implements destinations.Destination. Records of one batch may need
// several requests: those that are made, found by a match, or written by their
// id go to different paths.
func (h *HubSpot) Deliver(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	d, err := h.newDelivery(b)
	if err != nil {
		return nil, err
	}
	if err := d.sort(ctx); err != nil {
		return nil, err
	}
	for _, s := range [...]struct {
		list []int
		send func(context.Context, []int) error
	}{{d.create, d.sendCreate}, {d.upsert, d.sendUpsert}, {d.update, d.sendUpdate}, {d.archive, d.sendArchive}} {
		if len(s.list) == 0 {
			continue
		}
		if err := d.settle(s.list, s.send(ctx, s.list)); err != nil {
			return nil, err
		}
	}
	return d.out, nil
}

// settle says of a step's records what its error tells. Where the step is all
// of the batch, and where the run must stop or the batch be halved, the error
// itself is passed on: writing again what was written does no harm, and what
// may only be made once is never in a batch with anything else.
func (d *delivery) settle(list []int, err error) error {
	var (
		down *destinations.DownError
		lost *destinations.LostError
		o    destinations.Outcome
	)
	switch {
	case err == nil:
		return nil
	case len(list) == len(d.out):
		return err
	case errors.As(err, &lost):
		o = destinations.Outcome{Status: destinations.Unknown, Code: lost.Code, Message: destinations.Redact(lost.Error())}
	case errors.As(err, &down):
		o = destinations.Outcome{Status: destinations.Later, Code: down.Code, Message: destinations.Redact(down.Error()), After: down.After}
	default:
		return err
	}
	for _, i := range list {
		if d.out[i].Status == 0 {
			d.out[i] = o
		}
	}
	return nil
}

// at is the address of a path of the API, for the version in use.
func (h *HubSpot) at(part, rest string) string {
	if part == "account-info" || part == "crm-object-schemas" {
		return h.base + "/" + part + "/" + h.version + "/" + rest
	}
	if h.version == "v3" {
		return h.base + "/crm/v3/" + part + "/" + rest
	}
	return h.base + "/crm/" + part + "/" + h.version + "/" + rest
}

// objects is the address of something done to records of an object.
func (h *HubSpot) objects(object, rest string) string {
	return h.at("objects", url.PathEscape(object)+"/"+rest)
}

// do sends one request; nil for no body.
func (h *HubSpot) do(ctx context.Context, method, address string, body *destinations.Body) (*destinations.Answer, error) {
	req, err := destinations.NewRequest(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("hubspot: %w", err)
	}
	if h.token != "" {
		req.Header.Set("Authorization", "Bearer "+h.token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", "weir")
	return destinations.Do(h.client, req)
}
