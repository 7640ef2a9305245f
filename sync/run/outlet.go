package run

import (
	"fmt"
	"net/url"

	"github.com/weir-data/weir/destinations"
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
	o := &Outlet{Sender: sender, Account: opened.Account, Limits: opened.Limits, Spec: d.Spec, Guard: sender.Guard, Requests: sender.Requests, Retries: sender.Retries, Waited: sender.Waited}
	switch {
	case sandbox != nil:
		o.Account = "sandbox:" + d.Name
	case d.Account != "":
		o.Account = d.Account
	}
	return o, nil
}

// WantedSQL is the compiled query of a sync as people read it: key, match and
// fields of every row it wants.
func WantedSQL(s *models.Sync, q *models.Query, d *warehouse.Dialect) string {
	in := plan.Input{D: d, Query: q, Sync: s, LedgerEmpty: true}
	return in.Wanted()
}
