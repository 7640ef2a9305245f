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
// is every sync that is enabled.
func Select(p *Project, expr string) ([]*Sync, error) {
	var out []*Sync
	add := func(y *Sync) {
		if !slices.Contains(out, y) {
			out = append(out, y)
		}
	}
	if strings.TrimSpace(expr) == "" {
		for _, y := range p.Syncs {
			if y.Enabled {
				add(y)
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
			add(y)
		}
	}
	return out, nil
}

func selectOne(p *Project, part string) ([]*Sync, error) {
	kind, word, ok := strings.Cut(part, ":")
	name, upstream := strings.CutPrefix(part, "+")
	var match func(*Sync) bool
	switch {
	case !ok:
		match = func(y *Sync) bool { hit, _ := doublestar.Match(name, y.Name); return hit }
	case kind == "tag":
		match = func(y *Sync) bool { return slices.Contains(y.Tags, word) }
	case kind == "source":
		match = func(y *Sync) bool { return y.From != nil && y.From.Name == word }
	case kind == "destination":
		match = func(y *Sync) bool { return y.To != nil && y.To.Name == word }
	default:
		return nil, fmt.Errorf("--select %s: %q is not built; select by name, tag:, source: or destination:", part, kind+":")
	}
	var out []*Sync
	var names []string
	for _, y := range p.Syncs {
		names = append(names, y.Name)
		if match(y) {
			if upstream && y.Schedule != nil {
				for _, a := range y.Schedule.After {
					before, err := selectOne(p, a)
					if err != nil {
						return nil, err
					}
					out = append(out, before...)
				}
			}
			out = append(out, y)
		}
	}
	if len(out) == 0 {
		hint := "the syncs are " + strings.Join(names, ", ")
		if near, ok := diag.Nearest(name, names); ok {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, fmt.Errorf("--select %s: no sync is meant (%s)", part, hint)
	}
	return out, nil
}
