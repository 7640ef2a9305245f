package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/warehouse"
)

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
		ps.add("project.which_target", ps.p.Targets[0].Place, "", "there are several targets and none is chosen", "write `target: "+names[0]+"`, or give --target")
		return
	}
	ps.p.Target = want
	if !slices.Contains(names, want) {
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
		if strings.HasPrefix(u.Name, "file:") {
			f.Message, f.Hint = fmt.Sprintf("the file of ${%s} cannot be read", u.Name), "make it, or give this user the right to read it"
		}
		switch {
		case strings.HasPrefix(u.Subject, "target "):
			if t == nil || u.Subject != "target "+t.Name {
				continue // another target's settings are its own business
			}
		case strings.HasPrefix(u.Subject, "destination ") && t != nil && !t.Live:
			f.Severity = diag.Warning
			f.Hint = "nothing is needed on target " + t.Name + ", which is not live"
		}
		ps.fs.Add(f)
	}
}

// check is what concerns several nouns at once.
func (ps *parser) check() {
	ps.references()
	ps.afters()
	ps.fieldsTwice()
	ps.filesOnTarget()
	for _, y := range ps.p.Syncs {
		for _, purpose := range y.Purposes {
			if !slices.Contains(ps.p.Purposes, purpose) {
				ps.unknown(y.Place, "sync "+y.Name, "purpose", purpose, ps.p.Purposes)
			}
		}
	}
	var syncs []string
	for _, y := range ps.p.Syncs {
		syncs = append(syncs, y.Name)
	}
	for _, m := range ps.p.Moved {
		if !slices.Contains(syncs, m.To) {
			ps.unknown(m.Place, "", "sync", m.To, syncs)
		}
	}
	for _, r := range ps.p.Retired {
		if slices.Contains(syncs, r.Sync) {
			ps.add("project.retired", r.Place, "sync "+r.Sync, fmt.Sprintf("sync %s is retired and still declared", r.Sync), "take one of the two out")
		}
	}
}

// references follows {name} in queries: unknown ones and cycles.
func (ps *parser) references() {
	plain := &warehouse.Dialect{Name: "", Quote: func(s string) string { return s }, Files: func(string, []string) string { return "files" }}
	for _, s := range ps.p.Sources {
		for dialect := range s.SQL {
			plain.Name = dialect
			_, _, fs := sourceSteps(ps.p, s, plain)
			for _, f := range fs {
				if f.Subject == "source "+s.Name && f.Code != "model.no_dialect" {
					ps.fs.Add(f)
				}
			}
		}
	}
}

// afters checks what schedules follow, cycles among them.
func (ps *parser) afters() {
	next := map[string][]string{}
	var names []string
	for _, y := range ps.p.Syncs {
		names = append(names, y.Name)
		if y.Schedule != nil {
			next[y.Name] = y.Schedule.After
		}
	}
	for _, y := range ps.p.Syncs {
		if y.Schedule == nil {
			continue
		}
		for _, a := range y.Schedule.After {
			if !slices.Contains(names, a) {
				ps.unknown(y.Schedule.Place, "sync "+y.Name, "sync", a, names)
			}
		}
		if reaches(next, y.Schedule.After, y.Name, map[string]bool{}) {
			ps.add("schedule.cycle", y.Schedule.Place, "sync "+y.Name, fmt.Sprintf("sync %s follows itself, by way of others", y.Name), "take one of the afters out")
		}
	}
}

func reaches(next map[string][]string, from []string, to string, seen map[string]bool) bool {
	for _, n := range from {
		if n == to {
			return true
		}
		if !seen[n] {
			seen[n] = true
			if reaches(next, next[n], to, seen) {
				return true
			}
		}
	}
	return false
}

// fieldsTwice: two syncs set one field of one object, and neither yields.
func (ps *parser) fieldsTwice() {
	type slot struct{ dest, object, field string }
	first := map[slot]*Sync{}
	for _, y := range ps.p.Syncs {
		if y.To == nil || y.Kind != "record" || y.Yields || !y.Enabled {
			continue
		}
		for _, m := range y.Fields {
			k := slot{y.To.Name, y.Object, m.To}
			if o := first[k]; o != nil && o != y {
				ps.fs.Add(diag.Finding{Code: "sync.field_twice", Place: m.Place, Subject: "sync " + y.Name, Related: []diag.Place{o.Place},
					Message: fmt.Sprintf("syncs %s and %s both set %s of %s: they would overwrite each other for ever", o.Name, y.Name, m.To, strings.Trim(y.To.Name+"/"+y.Object, "/")), Hint: "let one say `yields: true`, or map the field once"})
				break
			}
			first[k] = y
		}
	}
}

func (ps *parser) filesOnTarget() {
	t := ps.p.Active()
	if t == nil || t.Type == "duckdb" || t.Type == "" {
		return
	}
	for _, s := range ps.p.Sources {
		if s.Files != "" {
			ps.add("source.files", s.Place, "source "+s.Name, fmt.Sprintf("source %s reads files, which %s cannot", s.Name, t.Type), "load them as a table")
		}
	}
}

// Clean splits findings by what is selected: errors that concern a selected
// sync, or the project as a whole, stay; others become warnings.
func Clean(p *Project, findings []diag.Finding, selected []*Sync) []diag.Finding {
	concerns := map[string]bool{"": true, "target " + p.Target: true}
	for _, y := range selected {
		concerns["sync "+y.Name] = true
		if y.To != nil {
			concerns["destination "+y.To.Name] = true
		}
		if y.From != nil {
			p.concern(y.From, concerns)
		}
	}
	out := append([]diag.Finding(nil), findings...)
	for i := range out {
		broken := strings.HasPrefix(out[i].Code, "yaml.") || out[i].Code == "project.unreadable"
		if out[i].Severity == diag.Error && (!concerns[out[i].Subject] || broken && out[i].File != "weir.yml") {
			out[i].Severity = diag.Warning
		}
	}
	return out
}

// concern marks a source and all that it reads.
func (p *Project) concern(s *Source, marks map[string]bool) {
	if s == nil || marks["source "+s.Name] {
		return
	}
	marks["source "+s.Name] = true
	for _, sql := range s.SQL {
		for _, r := range References(sql) {
			p.concern(p.Source(r.Name), marks)
		}
	}
}
