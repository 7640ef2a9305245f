package run

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/warehouse"
)

// OpenOutlet opens a destination with its Sender in front. With a sandbox,
// every request goes there, and the account is the sandbox's.
func OpenOutlet(d *models.Destination, sandbox *url.URL) (*Outlet, error) {
	limits, err := d.Spec.Limits(d.Settings)
	if err != nil {
		return nil, fmt.Errorf("destination %s: %w", d.Name, err)
	}
	client := destinations.NewClient(destinations.ClientOptions{Name: d.Name, Limits: limits, Sandbox: sandbox, AllowPrivate: limits.AllowPrivate})
	opened, err := d.Spec.Open(d.Settings, destinations.Env{Client: client.HTTP(), Sandboxed: sandbox != nil, Name: d.Name})
	if err != nil {
		return nil, fmt.Errorf("destination %s: %w", d.Name, err)
	}
	sender := destinations.NewSender(opened, client)
	o := &Outlet{Sender: named{sender, d}, Account: opened.Account, Limits: opened.Limits, Spec: d.Spec, Guard: sender.Guard, Requests: sender.Requests, Retries: sender.Retries, Waited: sender.Waited, Tap: sender.Tap, Notes: func() []string { return nil }}
	if n, ok := opened.Destination.(destinations.Noter); ok {
		o.Notes = n.Notes
	}
	switch {
	case sandbox != nil:
		o.Account = "sandbox:" + d.Name
	case d.Account != "":
		o.Account = d.Account
	}
	return o, nil
}

// AccessError says that a destination does not know us, or forbids all of it,
// and which one it is.
type AccessError struct {
	Destination string
	Place       diag.Place
	Variables   []string // what its secrets are read from: NAME or file:path
	Err         error
}

func (e *AccessError) Error() string {
	name := e.Destination
	if e.Place.File != "" {
		name += fmt.Sprintf(" (%s:%d)", e.Place.File, e.Place.Line)
	}
	return fmt.Sprintf("the credentials of destination %s were refused: %s", name, e.Err)
}
func (e *AccessError) Unwrap() error { return e.Err }

// Next is what to do about it.
func (e *AccessError) Next() string {
	if len(e.Variables) == 0 {
		return fmt.Sprintf("give destination %s credentials that it accepts and that may do this, then try them: weir doctor", e.Destination)
	}
	var where []string
	for _, v := range e.Variables {
		if path, ok := strings.CutPrefix(v, "file:"); ok {
			v = "the file " + path
		}
		where = append(where, v)
	}
	return fmt.Sprintf("set %s to what destination %s accepts, then try it: weir doctor", list(where), e.Destination)
}

// named is a Sender whose refusals say which destination it was.
type named struct {
	*destinations.Sender
	d *models.Destination
}

// Send implements deliver.Sender.
func (n named) Send(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	out, err := n.Sender.Send(ctx, b)
	var auth *destinations.AuthError
	if errors.As(err, &auth) {
		err = &AccessError{Destination: n.d.Name, Place: n.d.Place, Variables: n.d.Settings.SecretVariables(), Err: auth}
	}
	return out, err
}

// WantedSQL is the compiled query of a sync as people read it: key, match and
// fields of every row it wants.
func WantedSQL(s *models.Sync, q *models.Query, d *warehouse.Dialect) string {
	in := plan.Input{D: d, Query: q, Sync: s, LedgerEmpty: true}
	return in.Wanted()
}
