package models

import (
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

func (ps *parser) project(f *config.File, s *config.Section) {
	ps.version(s)
	ps.p.Name = s.Text("name")
	if s.IsSet("timezone") {
		ps.p.Timezone = s.Text("timezone")
		ps.zone(ps.p.Timezone, s.At("timezone"), "")
	}
	ps.p.Target, ps.targetPlace = s.Text("target"), s.At("target")
	for _, v := range s.Items("purposes") {
		ps.named("purpose", v.Text, v.Place)
		ps.p.Purposes = append(ps.p.Purposes, v.Text)
	}
	if d := s.Section("defaults"); d != nil {
		ps.p.Defaults.Lease, ps.p.Defaults.MaxDuration = d.Dur("lease"), d.Dur("max_duration")
		if ps.p.Defaults.Lease < time.Second {
			ps.add("project.lease", d.At("lease"), "", "a lease must last at least a second", "the usual is 60s")
		}
	}
	for _, pair := range s.Pairs("targets") {
		ps.target(f, pair)
	}
}

func (ps *parser) version(s *config.Section) {
	v := s.Value("version")
	switch {
	case v == nil:
		ps.add("project.version", s.Place, "", "weir.yml has no version", "write `version: 1`")
	case !v.Bad && v.Int != 1:
		ps.add("project.version", v.Place, "", fmt.Sprintf("version %s is not known", v.Text), "this binary reads version 1")
	}
}

func (ps *parser) target(f *config.File, pair config.Pair) {
	s, subject := pair.Value.Section, "target "+pair.Name
	t := &Target{Meta: Meta{Name: pair.Name, Place: pair.Place, Enabled: true}, Live: s.Bool("live"), Schema: s.Text("schema")}
	ps.named("target", t.Name, t.Place)
	ps.p.Targets = append(ps.p.Targets, t)
	v := s.Value("warehouse")
	if v == nil || v.Node == nil {
		return
	}
	var types []string
	for i := range ps.opt.Warehouses {
		types = append(types, ps.opt.Warehouses[i].Type)
	}
	before := ps.fs.Len()
	t.Type, t.Warehouse = ps.typed(f, v.Node, subject, "the warehouse of "+subject, types, func(i int) []config.Field {
		return warehouseFields(ps.opt.Warehouses[i].Fields)
	})
	if ps.fs.Len() == before { // one fault of a setting is not told twice
		ps.checkWarehouse(t, subject)
	}
}

// checkWarehouse tells what a warehouse says of its settings together.
func (ps *parser) checkWarehouse(t *Target, subject string) {
	for _, spec := range ps.opt.Warehouses {
		if spec.Type != t.Type || spec.Check == nil || t.Warehouse == nil {
			continue
		}
		if err := spec.Check(t.Warehouse); err != nil {
			ps.add("target.warehouse", t.Warehouse.Place, subject, subject+": "+err.Error(), "")
		}
	}
}

// typed decodes a section whose fields depend on its `type`; nil where the
// type is not known, which is told.
func (ps *parser) typed(f *config.File, n *yaml.Node, subject, what string, types []string, fields func(i int) []config.Field) (string, *config.Section) {
	n = resolve(n)
	typ, at := peek(n, "type")
	for i, known := range types {
		if known == typ {
			return typ, ps.section(f, n, fields(i), subject, what)
		}
	}
	place := f.PlaceOf(n)
	switch {
	case n.Kind != yaml.MappingNode:
		ps.add("config.wrong_type", place, subject, what+" must be keys and values", "like `type: "+first(types)+"`")
		return "", nil
	case at == nil:
		ps.add("config.missing", place, subject, fmt.Sprintf("%s has no %q, which it needs", what, "type"), "the types are "+strings.Join(types, ", "))
		ps.nearType(f, n, subject, what)
		return "", nil
	}
	hint := "the types are " + strings.Join(types, ", ")
	if near, ok := diag.Nearest(typ, types); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	ps.add("config.unknown_type", f.PlaceOf(at), subject, fmt.Sprintf("%s: type %q is not known", what, typ), hint)
	return typ, nil
}

// nearType points at a mistyped `type`: without it no other key can be judged.
func (ps *parser) nearType(f *config.File, n *yaml.Node, subject, what string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if _, ok := diag.Nearest(n.Content[i].Value, []string{"type"}); ok {
			ps.add("config.unknown_key", f.PlaceOf(n.Content[i]), subject, fmt.Sprintf("%s has no key %q", what, n.Content[i].Value), `did you mean "type"?`)
		}
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return "…"
	}
	return list[0]
}

// chooseTarget finds the target in force.
func (ps *parser) chooseTarget() {
	var names []string
	for _, t := range ps.p.Targets {
		names = append(names, t.Name)
	}
	want, at := ps.p.Target, ps.targetPlace
	if ps.opt.Target != "" {
		want, at = ps.opt.Target, diag.Place{}
	}
	switch {
	case len(names) == 0:
		if len(ps.files.List) > 0 && ps.files.List[0].Root != nil {
			ps.add("project.no_target", diag.Place{File: ps.files.List[0].Path, Line: 1, Col: 1}, "", "the project has no target", "like `targets: {dev: {warehouse: {type: duckdb, path: acme.duckdb}}}`")
		}
		return
	case want == "" && len(names) == 1:
		want = names[0]
	case want == "":
		ps.add("project.which_target", ps.p.Targets[0].Place, "", "there are several targets and none is chosen: "+strings.Join(names, ", "), "write `target: "+names[0]+"`, or give --target")
		return
	}
	ps.p.Target = want
	if ps.p.Active() == nil {
		ps.unknown(at, "", "target", want, names)
	}
}

// Active is the target in force; nil where it is not known.
func (p *Project) Active() *Target {
	for _, t := range p.Targets {
		if t.Name == p.Target {
			return t
		}
	}
	return nil
}

// judgeUnset tells variables without a value: an error, but for a
// destination's on a target that is not live.
func (ps *parser) judgeUnset() {
	t := ps.p.Active()
	for _, u := range ps.unset {
		f := diag.Finding{Code: "config.unset", Place: u.Place, Subject: u.Subject, Message: fmt.Sprintf("${%s} has no value", u.Name), Hint: "set it in the environment, or give a default: ${" + u.Name + ":-…}"}
		if u.Reason != "" {
			f.Message, f.Hint = fmt.Sprintf("${%s} cannot be read: %s", u.Name, u.Reason), "make the file, or give this user the right to read it"
		}
		switch {
		case strings.HasPrefix(u.Subject, "target "):
			if t == nil || u.Subject != "target "+t.Name {
				continue // another target's settings are its own business
			}
		case strings.HasPrefix(u.Subject, "destination ") && t != nil && !t.Live:
			f.Severity = diag.Warning
			f.Hint = "target " + t.Name + " is not live and needs none; a live one will"
		}
		ps.fs.Add(f)
	}
}
