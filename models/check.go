package models

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/warehouse"
)

// check is what concerns several nouns at once.
func (ps *parser) check() {
	ps.references()
	ps.readable()
	ps.afters()
	ps.fieldsTwice()
	ps.moves()
}

func (p *Project) syncNames() []string {
	var out []string
	for _, y := range p.Syncs {
		out = append(out, y.Name)
	}
	return out
}

func (p *Project) syncNamed(name string) *Sync {
	for _, y := range p.Syncs {
		if y.Name == name {
			return y
		}
	}
	return nil
}

// moves checks renames and deletions against what is declared.
func (ps *parser) moves() {
	seen := map[string]diag.Place{}
	again := func(name string, at diag.Place) {
		if old, ok := seen[name]; ok {
			ps.fs.Add(diag.Finding{Code: "project.moved_twice", Place: at, Message: fmt.Sprintf("it is said twice what became of sync %s", name), Hint: "keep one of them", Related: []diag.Place{old}})
		}
		seen[name] = at
	}
	for _, m := range ps.p.Moved {
		again(m.From, m.Place)
		switch {
		case m.From == "" || m.To == "":
		case ps.p.syncNamed(m.From) != nil:
			ps.add("project.moved", m.Place, "sync "+m.From, fmt.Sprintf("sync %s has moved to %s and is still declared", m.From, m.To), "take one of the two out")
		case ps.p.syncNamed(m.To) == nil:
			ps.unknown(m.Place, "", "sync", m.To, ps.p.syncNames())
		}
	}
	for _, r := range ps.p.Retired {
		if r.Then == "remove" {
			ps.add("not_built", r.Place, "sync "+r.Sync, "`then: remove` is not built yet: the records of a retired sync stay where they are", "empty it first with a run whose source is empty and approved, or say `then: keep`")
		}
		again(r.Sync, r.Place)
		if ps.p.syncNamed(r.Sync) != nil {
			ps.add("project.retired", r.Place, "sync "+r.Sync, fmt.Sprintf("sync %s is retired and still declared", r.Sync), "take one of the two out")
		}
	}
}

// references follows {name} in all texts of all sources: unknown ones, cycles.
func (ps *parser) references() {
	next := map[string][]string{}
	var names []string
	for _, s := range ps.p.Sources {
		names = append(names, s.Name)
		for _, dialect := range dialects {
			for _, r := range References(s.SQL[dialect]) {
				next[s.Name] = append(next[s.Name], r.Name)
			}
		}
	}
	for _, s := range ps.p.Sources {
		told := map[string]bool{}
		for _, n := range next[s.Name] {
			if ps.p.Source(n) == nil && !told[n] {
				told[n] = true
				ps.unknown(ps.mention(s.SQLPlace, "{"+n+"}"), "source "+s.Name, "source", n, names)
			}
		}
		if reaches(next, next[s.Name], s.Name, map[string]bool{}) {
			ps.add("model.source_cycle", s.SQLPlace, "source "+s.Name, fmt.Sprintf("source %s reads itself: its {…} lead back to it", s.Name), "take one of the {…} out")
		}
	}
}

// mention is where a word stands in a file, from a place on; else that place.
func (ps *parser) mention(at diag.Place, word string) diag.Place {
	for _, f := range ps.files.List {
		if f.Path != at.File {
			continue
		}
		for n := max(at.Line, 1); n <= len(f.Lines); n++ {
			if i := strings.Index(f.Lines[n-1], word); i >= 0 {
				col := len([]rune(f.Lines[n-1][:i])) + 1
				return diag.Place{File: at.File, Line: n, Col: col, End: col + len([]rune(word))}
			}
		}
	}
	return at
}

// readable checks that the warehouse in force can read every source.
func (ps *parser) readable() {
	d := ps.dialect()
	if d == nil {
		return
	}
	for _, s := range ps.p.Sources {
		if s.Table == "" && s.Files == "" && s.SQL == nil {
			continue
		}
		_, _, found := sourceSteps(ps.p, s, d)
		for _, f := range found {
			if f.Subject == "source "+s.Name && f.Code != "model.unknown_source" && f.Code != "model.source_cycle" {
				ps.fs.Add(f)
			}
		}
	}
}

// dialect is the one of the target in force; nil where it is not known.
func (ps *parser) dialect() *warehouse.Dialect {
	t := ps.p.Active()
	for i := range ps.opt.Warehouses {
		if t != nil && ps.opt.Warehouses[i].Type == t.Type {
			return ps.opt.Warehouses[i].Dialect
		}
	}
	return nil
}

// fieldTwice is the code of two syncs that set one field: it concerns both.
const fieldTwice = "sync.field_twice"

// fieldsTwice: two syncs set one field of one object, and neither yields.
func (ps *parser) fieldsTwice() {
	type slot struct{ dest, object, field string }
	set := map[slot]*Sync{}
	for _, y := range ps.p.Syncs {
		if y.To == nil || y.Kind != "record" || y.Yields || !y.Enabled {
			continue
		}
		for _, m := range y.Fields {
			k := slot{y.To.Name, y.Object, m.To}
			o := set[k]
			if o == nil || o == y {
				set[k] = y
				continue
			}
			ps.fs.Add(diag.Finding{Code: fieldTwice, Place: m.Place, Subject: "sync " + y.Name, Related: []diag.Place{o.Place},
				Message: fmt.Sprintf("syncs %s and %s both set %s of %s: each would undo the other", o.Name, y.Name, m.To, strings.Trim(y.To.Name+"/"+y.Object, "/")), Hint: "map the field once, or let one say `yields: true`"})
			break
		}
	}
}
