package models

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// sourceSteps are the steps that end in a source's rows, and the relation to
// select from. Sources that it names as {other} come first.
func sourceSteps(p *Project, src *Source, d *warehouse.Dialect) ([]warehouse.CTE, string, []diag.Finding) {
	w := newSourceWalk(p, d)
	rel := w.visit(src)
	return w.steps, rel, w.fs.Sorted()
}

type sourceWalk struct {
	p     *Project
	d     *warehouse.Dialect
	steps []warehouse.CTE
	own   []OwnSQL
	done  map[string]string
	open  map[string]bool
	fs    diag.Findings
}

func newSourceWalk(p *Project, d *warehouse.Dialect) *sourceWalk {
	return &sourceWalk{p: p, d: d, done: map[string]string{}, open: map[string]bool{}}
}

// visit adds a source's step, once, and gives its name.
func (w *sourceWalk) visit(src *Source) string {
	if rel, ok := w.done[src.Name]; ok {
		return rel
	}
	if w.open[src.Name] {
		w.fs.Add(diag.Finding{Code: "model.source_cycle", Place: src.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads itself, by way of others", src.Name), Hint: "take one of the {…} out"})
		return "(" + nothing + ") AS cycle"
	}
	w.open[src.Name] = true
	defer delete(w.open, src.Name)
	name := w.stepName(src)
	sql := w.sql(src)
	w.steps = append(w.steps, warehouse.CTE{Name: name, Comment: "source " + src.Name + " (" + place(src.Place) + ")", SQL: sql, Verbatim: src.Table == "" && src.Files == ""})
	w.done[src.Name] = name
	return name
}

// stepName is a name for a source's step that hides no table: none of the
// sources' own texts says it.
func (w *sourceWalk) stepName(src *Source) string {
	name := "source_" + src.Name
	for slices.ContainsFunc(w.p.Sources, func(s *Source) bool { return says(s, w.d.Name, name) }) {
		name += "_"
	}
	return name
}

func says(s *Source, dialect, name string) bool {
	return strings.Contains(strings.ToLower(s.Table), name) || strings.Contains(strings.ToLower(ownText(s, dialect)), name)
}

func (w *sourceWalk) sql(src *Source) string {
	switch {
	case src.Table != "":
		return w.table(src)
	case src.Files != "":
		return w.files(src)
	default:
		return w.query(src)
	}
}

func (w *sourceWalk) files(src *Source) string {
	if w.d.Files == nil {
		w.fs.Add(diag.Finding{Code: "model.no_files", Place: src.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads files, and %s cannot", src.Name, w.d.Name), Hint: "load them as a table and say `table:`"})
		return nothing
	}
	if !slices.ContainsFunc(warehouse.FileEndings, func(e string) bool { return strings.HasSuffix(strings.ToLower(src.Files), e) }) {
		w.fs.Add(diag.Finding{Code: "model.file_ending", Place: src.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads %q, and its ending does not say what kind of files these are", src.Name, src.Files),
			Hint: "the endings are " + strings.Join(warehouse.FileEndings, ", ")})
		return nothing
	}
	glob := src.Files
	if !filepath.IsAbs(glob) {
		glob = filepath.Join(w.p.Dir, glob)
	}
	var text []string // a postcode that looks like a number stays text where the contract says so
	for _, c := range src.Columns {
		if c.Type == rows.Text {
			text = append(text, c.Name)
		}
	}
	return "SELECT * FROM " + w.d.Files(glob, text)
}

// nothing stands for a source that cannot be read: a finding has been told.
const nothing = "SELECT NULL AS nothing"

// table is `table:`, its parts told apart by dots; a part in quotes may hold any character.
func (w *sourceWalk) table(src *Source) string {
	parts, ok := tableParts(src.Table)
	if !ok {
		w.fs.Add(diag.Finding{Code: "model.table_name", Place: src.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s names no table: %q", src.Name, src.Table),
			Hint: `write table, schema.table or database.schema.table; a name with a dot in it goes in double quotes`})
		return nothing
	}
	return "SELECT * FROM " + w.d.Ident(parts...)
}

func tableParts(name string) ([]string, bool) {
	var parts []string
	for {
		var part string
		if strings.HasPrefix(name, `"`) || strings.HasPrefix(name, "`") {
			end := skipQuoted(name, 0)
			if end >= len(name) {
				return nil, false
			}
			quote := name[:1]
			part, name = strings.ReplaceAll(name[1:end], quote+quote, quote), name[end+1:]
		} else {
			end := strings.IndexByte(name, '.')
			if end < 0 {
				end = len(name)
			}
			part, name = strings.TrimSpace(name[:end]), name[end:]
		}
		if parts = append(parts, part); part == "" || len(parts) > 3 {
			return nil, false
		}
		if name == "" {
			return parts, true
		}
		if name[0] != '.' {
			return nil, false
		}
		name = name[1:]
	}
}

// query is the customer's own SQL, with {other} replaced by the step of that source.
func (w *sourceWalk) query(src *Source) string {
	text := ownText(src, w.d.Name)
	if text == "" {
		w.fs.Add(diag.Finding{Code: "model.no_dialect", Place: src.SQLPlace, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s has no SQL for %s", src.Name, w.d.Name), Hint: "add it, or `default:`"})
		return nothing
	}
	sql := replaceReferences(text, func(r Reference) string {
		other := w.p.Source(r.Name)
		if other == nil {
			w.fs.Add(diag.Finding{Code: "model.unknown_source", Place: placeIn(src.SQLPlace, text, r.From), Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads {%s}, and there is no such source", src.Name, r.Name), Hint: w.p.didYouMean(r.Name)})
			return text[r.From:r.To]
		}
		return w.visit(other)
	})
	w.own = append(w.own, OwnSQL{Source: src, SQL: sql, from: text})
	return sql
}

// Source finds a source by name; nil where there is none.
func (p *Project) Source(name string) *Source {
	for _, s := range p.Sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func (p *Project) didYouMean(name string) string {
	var names []string
	for _, s := range p.Sources {
		names = append(names, s.Name)
	}
	if near, ok := diag.Nearest(name, names); ok {
		return fmt.Sprintf("did you mean {%s}?", near)
	}
	return "the sources are " + strings.Join(names, ", ")
}

// FilesOf are the sources that read files, among a source and those it names
// as {other}.
func FilesOf(p *Project, src *Source, d *warehouse.Dialect) []*Source {
	w := newSourceWalk(p, d)
	w.visit(src)
	var out []*Source
	for _, s := range p.Sources {
		if _, read := w.done[s.Name]; read && s.Files != "" {
			out = append(out, s)
		}
	}
	return out
}

// SourceSQL is a source alone, as a SELECT of all its columns.
func SourceSQL(p *Project, src *Source, d *warehouse.Dialect) (string, []diag.Finding) {
	steps, rel, fs := sourceSteps(p, src, d)
	return selectFrom(d, steps, "*", rel), fs
}

func selectFrom(d *warehouse.Dialect, steps []warehouse.CTE, what, rel string) string {
	w := warehouse.NewWriter(d)
	w.With(steps)
	w.Line("SELECT ", what)
	w.Line("FROM ", rel)
	return strings.TrimRight(w.String(), "\n")
}
