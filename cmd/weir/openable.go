package main

import (
	"net/url"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
)

// openable opens every destination as a run on the target would, which does not
// connect: what a run would refuse of their settings is a finding before it.
func openable(p *models.Project, found []diag.Finding) []diag.Finding {
	t := p.Active()
	if t == nil {
		return nil
	}
	var at *url.URL
	if !t.Live {
		at = &url.URL{Scheme: "http", Host: "sandbox.invalid"}
	}
	var out []diag.Finding
	for _, d := range p.Destinations {
		subject := "destination " + d.Name
		if !d.Enabled || d.Spec == nil || d.Settings == nil || faulty(found, subject) {
			continue
		}
		o, err := run.OpenOutlet(d, at)
		if err != nil {
			text := strings.TrimPrefix(err.Error(), subject+": ")
			out = append(out, diag.Finding{Code: "destination.settings", Severity: diag.Error, Place: d.Place, Subject: subject, Message: subject + ": " + text})
			continue
		}
		out = append(out, fitting(p, d, o, found)...)
	}
	return out
}

func faulty(found []diag.Finding, subject string) bool {
	for _, f := range found {
		if f.Severity == diag.Error && f.Subject == subject {
			return true
		}
	}
	return false
}

// fitting asks a destination whether it can send what its syncs map.
func fitting(p *models.Project, d *models.Destination, o *run.Outlet, found []diag.Finding) []diag.Finding {
	holder, ok := any(o.Sender).(interface {
		Destination() destinations.Destination
	})
	if !ok {
		return nil
	}
	fitter, ok := holder.Destination().(destinations.Fitter)
	if !ok {
		return nil
	}
	var out []diag.Finding
	for _, y := range p.Syncs {
		if y.To != d || !y.Enabled || faulty(found, "sync "+y.Name) {
			continue
		}
		s := &destinations.Sync{Name: y.Name, Object: y.Object, Kind: y.Kind, Match: named(y.Match), Fields: named(y.Fields)}
		if err := fitter.Fits(s); err != nil {
			out = append(out, diag.Finding{Code: "sync.fit", Severity: diag.Error, Place: y.Place, Subject: "sync " + y.Name, Message: err.Error(), Related: []diag.Place{d.Place}})
		}
	}
	return out
}

func named(ms []models.Mapping) []destinations.FieldInfo {
	out := make([]destinations.FieldInfo, len(ms))
	for i, m := range ms {
		out[i].Name = m.To
	}
	return out
}
