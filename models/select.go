package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/weir-data/weir/internal/diag"
)

// Select finds the syncs of an expression: names and globs, tag:x, source:x,
// destination:x, +name for what a sync follows too, separated by commas. ""
// is every sync that is enabled; one that is not is never selected. The error
// says what was meant, as far as that can be told.
func Select(p *Project, expr string) ([]*Sync, error) {
	var out []*Sync
	if strings.TrimSpace(expr) == "" {
		for _, y := range p.Syncs {
			if y.Enabled {
				out = append(out, y)
			}
		}
		return out, nil
	}
	for part := range strings.SplitSeq(expr, ",") {
		found, err := selectOne(p, strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		for _, y := range found {
			if !slices.Contains(out, y) {
				out = append(out, y)
			}
		}
	}
	return out, nil
}

func selectOne(p *Project, part string) ([]*Sync, error) {
	rest, upstream := strings.CutPrefix(part, "+")
	kind, word, hasKind := strings.Cut(rest, ":")
	if !hasKind {
		kind, word = "", rest
	}
	if word == "" {
		return nil, fmt.Errorf("--select %q: it names nothing (write a sync, tag:…, source:… or destination:…)", part)
	}
	if !doublestar.ValidatePattern(word) {
		return nil, fmt.Errorf("--select %q: the pattern cannot be read", part)
	}
	names, ok := selectors[kind]
	if !ok {
		return nil, unknownSelector(part, kind)
	}
	var found []*Sync
	var known []string
	for _, y := range p.Syncs {
		mine := names(y)
		known = append(known, mine...)
		if slices.ContainsFunc(mine, func(n string) bool { return doublestar.MatchUnvalidated(word, n) }) {
			found = append(found, y)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("--select %q: no sync is meant (%s)", part, suggest(kind, word, known))
	case upstream:
		found = p.upstream(found)
	}
	on := slices.DeleteFunc(slices.Clone(found), func(y *Sync) bool { return !y.Enabled })
	if len(on) == 0 {
		return nil, fmt.Errorf("--select %q: sync %s is not enabled (enabled: false, %s)", part, found[0].Name, found[0].Place)
	}
	return on, nil
}

// selectors are the names by which a kind of selector finds a sync.
var selectors = map[string]func(*Sync) []string{
	"":    func(y *Sync) []string { return []string{y.Name} },
	"tag": func(y *Sync) []string { return y.Tags },
	"source": func(y *Sync) []string {
		if y.From == nil {
			return nil
		}
		return []string{y.From.Name}
	},
	"destination": func(y *Sync) []string {
		if y.To == nil {
			return nil
		}
		return []string{y.To.Name}
	},
}

func unknownSelector(part, kind string) error {
	if kind == "state" || kind == "result" || kind == "segment" || kind == "entity" {
		return fmt.Errorf("--select %q: %s: is not built yet (select by name, tag:, source: or destination:)", part, kind)
	}
	hint := "select by name, tag:, source: or destination:"
	if near, ok := diag.Nearest(kind, []string{"tag", "source", "destination"}); ok {
		hint = fmt.Sprintf("did you mean %s:?", near)
	}
	return fmt.Errorf("--select %q: there is no %s: (%s)", part, kind, hint)
}

func suggest(kind, word string, known []string) string {
	slices.Sort(known)
	known = slices.Compact(known)
	if near, ok := diag.Nearest(word, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	what := map[string]string{"": "syncs", "tag": "tags", "source": "sources of syncs", "destination": "destinations of syncs"}[kind]
	if len(known) == 0 {
		return "there are no " + what
	}
	return fmt.Sprintf("the %s are %s", what, strings.Join(known, ", "))
}

// upstream is the syncs and all that they are scheduled after, first things first.
func (p *Project) upstream(list []*Sync) []*Sync {
	var out []*Sync
	seen := map[*Sync]bool{}
	var visit func(*Sync)
	visit = func(y *Sync) {
		if y == nil || seen[y] {
			return
		}
		seen[y] = true
		if y.Schedule != nil {
			for _, a := range y.Schedule.After {
				visit(p.syncNamed(a))
			}
		}
		out = append(out, y)
	}
	for _, y := range list {
		visit(y)
	}
	return out
}
