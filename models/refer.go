package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
)

// refer finds the nouns that a sync names, and checks it against them.
func (ps *parser) refer(subject string, s *config.Section, y *Sync) {
	ps.from(subject, s, y)
	ps.to(subject, s, y)
	for _, v := range s.Items("purposes") {
		if !slices.Contains(ps.p.Purposes, v.Text) {
			ps.unknown(v.Place, subject, "purpose", v.Text, ps.p.Purposes)
		}
	}
	if y.To != nil && y.To.Spec != nil {
		ps.capability(subject, s, y)
	}
	ps.matchTwice(subject, y)
	if y.From != nil {
		ps.syncColumns(subject, s, y)
	}
	ps.personal(subject, s, y)
}

func (ps *parser) from(subject string, s *config.Section, y *Sync) {
	name := s.Text("from")
	if name == "" {
		return // told already
	}
	if y.From = ps.p.Source(name); y.From == nil {
		var known []string
		for _, src := range ps.p.Sources {
			known = append(known, src.Name)
		}
		ps.unknown(s.At("from"), subject, "source", name, known)
		return
	}
	if !y.From.Enabled && y.Enabled {
		ps.add("sync.disabled", s.At("from"), subject, fmt.Sprintf("%s reads source %s, which is not enabled", subject, name), "enable it, or say `enabled: false` here too")
	}
}

func (ps *parser) to(subject string, s *config.Section, y *Sync) {
	name := s.Text("to")
	if name == "" {
		return
	}
	var known []string
	for _, d := range ps.p.Destinations {
		known = append(known, d.Name)
		if d.Name == name && y.To == nil {
			y.To = d
		}
	}
	switch {
	case y.To == nil:
		ps.unknown(s.At("to"), subject, "destination", name, known)
	case !y.To.Enabled && y.Enabled:
		ps.add("sync.disabled", s.At("to"), subject, fmt.Sprintf("%s writes to destination %s, which is not enabled", subject, name), "enable it, or say `enabled: false` here too")
	}
}

// capability checks object, mode, match and event against what the destination can do.
func (ps *parser) capability(subject string, s *config.Section, y *Sync) {
	o := ps.object(subject, s, y)
	if o == nil {
		return
	}
	if y.Mode == "" {
		y.Mode = o.Modes[0]
	}
	y.Kind = o.Kind
	switch {
	case o.Match == destinations.MatchRequired && len(y.Match) == 0:
		ps.add("sync.match", s.Place, subject, fmt.Sprintf("%s must say how a record is found in %s", subject, y.To.Type), "like `match: {email: email}`")
	case o.Match == destinations.MatchNever && len(y.Match) > 0:
		ps.add("sync.match", s.At("match"), subject, fmt.Sprintf("mode %s finds no record, so there is nothing to match", y.Mode), "take match out")
	case o.MatchFields > 0 && len(y.Match) > o.MatchFields:
		ps.add("sync.match", s.At("match"), subject, fmt.Sprintf("%s finds a record by %s, and match names %d", y.To.Type, diag.Count(o.MatchFields, "field"), len(y.Match)), "keep the one that is unique there")
	}
	ps.eventOf(subject, s, y)
	switch {
	case y.Mode == destinations.Remove && len(y.Fields) > 0:
		ps.add("sync.unused", s.At("fields"), subject, "mode remove sends no fields", "take fields out")
	case y.Mode != destinations.Remove && len(y.Fields) == 0 && len(y.Match) == 0 && !anyBad(s, "fields", "match"):
		ps.add("sync.no_fields", s.Place, subject, "the sync maps no fields, so there is nothing to send", "like `fields: {name: name}`")
	}
	if s.IsSet("remove") && y.Mode != destinations.Mirror {
		ps.add("sync.unused", s.At("remove"), subject, fmt.Sprintf("remove goes with mode mirror, and this is %s", y.Mode), "take it out")
	}
}

// object finds what a sync writes to: the object of that name, able to do the mode.
func (ps *parser) object(subject string, s *config.Section, y *Sync) *destinations.Object {
	var fits []*destinations.Object
	var names, modes []string
	for i := range y.To.Spec.Objects {
		o := &y.To.Spec.Objects[i]
		if o.Name != "" && !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
		if o.Takes(y.Object) {
			fits = append(fits, o)
			for _, m := range o.Modes {
				if !slices.Contains(modes, string(m)) {
					modes = append(modes, string(m))
				}
			}
		}
	}
	switch {
	case len(fits) == 0 && y.Object == "":
		ps.add("sync.object", s.Place, subject, fmt.Sprintf("%s does not say which object of %s it writes to", subject, y.To.Type), "the objects are "+strings.Join(names, ", "))
		return nil
	case len(fits) == 0:
		ps.unknown(s.At("object"), subject, "object", y.Object, names)
		return nil
	}
	for _, o := range fits {
		if y.Mode == "" && len(o.Modes) > 0 || slices.Contains(o.Modes, y.Mode) {
			return o
		}
	}
	if !anyBad(s, "mode") {
		ps.add("sync.mode", s.At("mode"), subject, fmt.Sprintf("%s cannot do mode %s%s", y.To.Type, y.Mode, onObject(y.Object)), "its modes are "+strings.Join(modes, ", "))
	}
	return nil
}

func onObject(name string) string {
	if name == "" {
		return ""
	}
	return " on " + name
}

func (ps *parser) eventOf(subject string, s *config.Section, y *Sync) {
	if y.Kind != destinations.Event {
		if y.Event != nil {
			ps.add("sync.event", s.At("event"), subject, fmt.Sprintf("event goes with mode append, and this is %s", y.Mode), "say `mode: append`, or take event out")
		}
		return
	}
	if y.Event == nil {
		if anyBad(s, "event") {
			return
		}
		ps.add("sync.event", s.Place, subject, "mode append needs to know which rows are new", "like `event: {at: ordered_at, start: now}`")
		return
	}
	if y.From == nil {
		return
	}
	if y.Event.At == "" {
		y.Event.At = y.From.OccurredAt
	}
	if y.Event.At == "" {
		ps.add("sync.event", y.Event.Place, subject, "the event has no time column", "say `at:` here, or `occurred_at:` in the source")
	}
	if y.EventID != "" && (len(y.From.PrimaryKey) != 1 || y.From.PrimaryKey[0] != y.EventID) {
		ps.add("sync.event_id", y.Event.Place, subject, fmt.Sprintf("event.id is %s, and the primary key of source %s is %s", y.EventID, y.From.Name, strings.Join(y.From.PrimaryKey, ", ")), "let them be the same column")
	}
}

// matchTwice: a field that finds the record and is set from another column
// would move the record away from where it was just found.
func (ps *parser) matchTwice(subject string, y *Sync) {
	for _, m := range y.Match {
		for _, f := range y.Fields {
			if f.To == m.To && m.From != "" && (f.Value != nil || f.From != m.From) {
				ps.fs.Add(diag.Finding{Code: "sync.match_twice", Place: f.Place, Subject: subject, Message: fmt.Sprintf("%s is matched by one value and set to another", m.To), Hint: "map it from " + m.From + ", or leave it to match", Related: []diag.Place{m.Place}})
			}
		}
	}
}

// syncColumns checks the columns that a sync names.
func (ps *parser) syncColumns(subject string, s *config.Section, y *Sync) {
	for _, m := range slices.Concat(y.Match, y.Fields) {
		ps.column(subject, y.From, m.From, m.Place)
	}
	if y.Event != nil {
		ps.column(subject, y.From, y.Event.At, s.Section("event").At("at"))
	}
	if d := s.Section("on_duplicate"); d != nil {
		for i, v := range d.Items("order_by") {
			ps.column(subject, y.From, y.OnDuplicate.OrderBy[i].Column, v.Place)
		}
	}
}

// personal asks for a reason as soon as personal data is mapped. No consent is
// looked up for a source, so purposes alone would hold nothing.
func (ps *parser) personal(subject string, s *config.Section, y *Sync) {
	at, what := s.At("purposes"), "the sync names purposes"
	if m, kind := y.personalData(); m != nil {
		at, what = m.Place, fmt.Sprintf("%s is personal data (%s)", m.From, kind)
		if len(y.Purposes) == 0 {
			ps.add("consent.purposes", at, subject, what+", and the sync names no purposes", "like `purposes: [service]`")
		}
	} else if len(y.Purposes) == 0 {
		return
	}
	if y.Exempt == "" && !s.IsSet("consent") {
		ps.add("consent.exempt", at, subject, what+", and no consent is looked up for a sync from a source", "say why that is right: `consent: {exempt: \"…\"}`")
	}
}

// personalData is the first mapped column that the contract marks as personal.
func (y *Sync) personalData() (*Mapping, string) {
	if y.From == nil {
		return nil, ""
	}
	for _, list := range [][]Mapping{y.Match, y.Fields} {
		for i := range list {
			for _, c := range y.From.Columns {
				if c.PII != "" && list[i].From != "" && strings.EqualFold(c.Name, list[i].From) {
					return &list[i], c.PII
				}
			}
		}
	}
	return nil, ""
}
