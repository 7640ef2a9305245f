package models

import (
	"slices"
	"strings"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
)

// Clean splits findings by what is selected: errors that concern a selected
// sync, what it depends on (its source and all that reads, its destination,
// the target) or the project as a whole stay; others become warnings. What is
// wrong with a file as a whole concerns those who have something in it. The
// findings given are not changed.
func Clean(p *Project, findings []diag.Finding, selected []*Sync) []diag.Finding {
	concerns := map[string]bool{"": true, "target " + p.Target: true}
	files := map[string]bool{"": true, config.MainFile: true}
	var places []diag.Place
	for _, y := range selected {
		concerns["sync "+y.Name] = true
		places = append(places, y.Place)
		files[y.Place.File] = true
		if y.To != nil {
			concerns["destination "+y.To.Name] = true
			files[y.To.Place.File] = true
		}
		p.concern(y.From, concerns, files)
	}
	out := slices.Clone(findings)
	for i := range out {
		f := &out[i]
		if f.Severity != diag.Error {
			continue
		}
		mine := concerns[f.Subject]
		if f.Code == fieldTwice && !mine {
			mine = slices.ContainsFunc(f.Related, func(r diag.Place) bool { return slices.Contains(places, r) })
		}
		if elsewhere(f) || !mine || f.Subject == "" && !files[f.File] {
			f.Severity = diag.Warning
		}
	}
	return out
}

// elsewhere tells whether a file other than weir.yml could not be read: what is
// in it does not exist, and a sync that needs it says so itself.
func elsewhere(f *diag.Finding) bool {
	broken := strings.HasPrefix(f.Code, "yaml.") || f.Code == "project.unreadable"
	return broken && f.File != "" && f.File != config.MainFile
}

// concern marks a source and all that it reads, and their files.
func (p *Project) concern(s *Source, marks, files map[string]bool) {
	if s == nil || marks["source "+s.Name] {
		return
	}
	marks["source "+s.Name], files[s.Place.File] = true, true
	for _, sql := range s.SQL {
		for _, r := range References(sql) {
			p.concern(p.Source(r.Name), marks, files)
		}
	}
}
