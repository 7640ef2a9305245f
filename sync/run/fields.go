package run

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
)

// Destination is the adapter behind the Sender, for its optional powers; nil
// where it is not known.
func (o *Outlet) Destination() destinations.Destination {
	if s, ok := o.Sender.(interface {
		Destination() destinations.Destination
	}); ok {
		return s.Destination()
	}
	return nil
}

// Identify asks a destination which account it is, where that is not known
// without asking. The ledger is bound to the answer.
func (o *Outlet) Identify(ctx context.Context) error {
	asks, ok := o.Destination().(destinations.Account)
	if o.Account != "" || !ok {
		return nil
	}
	account, err := asks.Account(ctx)
	if err != nil {
		return err
	}
	o.Account = account
	return nil
}

// fits makes ready what the sync writes to and compares it with what is
// mapped, once, before anything is sent. A run with nothing to send asks nothing.
func (j *job) fits(ctx context.Context) error {
	dest := j.outlet.Destination()
	if p, ok := dest.(destinations.Preparer); ok {
		if err := p.Prepare(ctx, j.sync.Object); err != nil {
			return fmt.Errorf("make %s ready: %w", j.sync.To.Name, err)
		}
	}
	d, ok := dest.(destinations.Describer)
	if !ok {
		return nil
	}
	infos, err := d.Describe(ctx, j.sync.Object)
	if err != nil {
		return err
	}
	check := destinations.FieldCheck{Vendor: j.outlet.Spec.Label, Sync: j.destinationSync(), Mode: j.sync.Mode, Constants: j.constants()}
	if len(infos) > 0 {
		check.Has = &infos[0]
	}
	var found diag.Findings
	for _, f := range check.Faults() {
		found.Add(diag.Finding{Code: f.Code, Place: j.placeOf(f), Subject: "sync " + j.sync.Name, Message: f.Message, Hint: f.Hint})
	}
	if found.HasErrors() {
		return &FindingsError{found.Sorted()}
	}
	return nil
}

// constants are the fields that are mapped from a text that never changes.
func (j *job) constants() map[string]string {
	out := map[string]string{}
	for _, m := range j.sync.Fields {
		var text string
		if m.Value != nil && json.Unmarshal([]byte(*m.Value), &text) == nil {
			out[m.To] = text
		}
	}
	return out
}

// placeOf is where the field at fault is mapped, or else the sync.
func (j *job) placeOf(f destinations.FieldFault) diag.Place {
	list := j.sync.Fields
	if f.InMatch {
		list = j.sync.Match
	}
	for _, m := range list {
		if m.To == f.Field {
			return m.Place
		}
	}
	return j.sync.Place
}
