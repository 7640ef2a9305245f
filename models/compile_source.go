package models

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/warehouse"
)

// sourceSteps are the steps that end in a source's rows, and the relation to
// select from. Sources that it names as {other} come first.
func sourceSteps(p *Project, src *Source, d *warehouse.Dialect) ([]warehouse.CTE, string, []diag.Finding) {
	w := &sourceWalk{p: p, d: d, done: map[string]string{}, open: map[string]bool{}}
	rel := w.visit(src)
	return w.steps, rel, w.fs.Sorted()
}

type sourceWalk struct {
	p     *Project
	d     *warehouse.Dialect
	steps []warehouse.CTE
	done  map[string]string
	open  map[string]bool
	fs    diag.Findings
}

func (w *sourceWalk) visit(src *Source) string {
	if rel, ok := w.done[src.Name]; ok {
		return rel
	}
	if w.open[src.Name] {
		w.fs.Add(diag.Finding{Code: "model.source_cycle", Place: src.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads itself, by way of others", src.Name), Hint: "take one of the {…} out"})
		return "(SELECT NULL) AS nothing"
	}
	w.open[src.Name] = true
	defer delete(w.open, src.Name)
	name := "source_" + src.Name
	sql := w.sql(src)
	w.steps = append(w.steps, warehouse.CTE{Name: name, Comment: "source " + src.Name + " (" + place(src.Place) + ")", SQL: sql})
	w.done[src.Name] = name
	return name
}

func (w *sourceWalk) sql(src *Source) string {
	switch {
	case src.Table != "":
		return "SELECT * FROM " + w.d.Ident(strings.Split(src.Table, ".")...)
	case src.Files != "":
		return w.files(src)
	default:
		return w.query(src)
	}
}

func (w *sourceWalk) files(src *Source) string {
	if w.d.CSV == nil {
		w.fs.Add(diag.Finding{Code: "model.no_files", Place: src.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads files, and %s cannot", src.Name, w.d.Name), Hint: "load them as a table and say `table:`"})
		return "SELECT NULL"
	}
	glob := src.Files
	if !filepath.IsAbs(glob) {
		glob = filepath.Join(w.p.Dir, glob)
	}
	return "SELECT * FROM " + w.d.CSV(glob)
}

// query is the customer's own SQL, with {other} replaced by the step of that source.
func (w *sourceWalk) query(src *Source) string {
	text, ok := src.SQL[w.d.Name]
	if !ok {
		text, ok = src.SQL["default"]
	}
	if !ok {
		w.fs.Add(diag.Finding{Code: "model.no_dialect", Place: src.SQLPlace, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s has no SQL for %s", src.Name, w.d.Name), Hint: "add it, or `default:`"})
		return "SELECT NULL"
	}
	out, last := strings.Builder{}, 0
	for _, r := range References(text) {
		out.WriteString(text[last:r.From])
		last = r.To
		other := w.p.Source(r.Name)
		if other == nil {
			w.fs.Add(diag.Finding{Code: "model.unknown_source", Place: src.SQLPlace, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s reads {%s}, and there is no such source", src.Name, r.Name), Hint: w.p.didYouMean(r.Name)})
			continue
		}
		out.WriteString(w.visit(other))
	}
	out.WriteString(text[last:])
	return strings.TrimRight(strings.TrimSpace(out.String()), ";")
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

// Reference is one {name} in a query: its bytes, braces included.
type Reference struct {
	Name     string
	From, To int
}

// References finds the {name}s of a query, outside its strings and comments.
func References(sql string) []Reference {
	var out []Reference
	for i := 0; i < len(sql); i++ {
		switch {
		case sql[i] == '\'' || sql[i] == '"' || sql[i] == '`':
			i = skipQuoted(sql, i)
		case strings.HasPrefix(sql[i:], "--"):
			i = skipTo(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			i = skipTo(sql, i+2, "*/")
		case sql[i] == '{':
			end := strings.IndexByte(sql[i:], '}')
			if end < 0 {
				return out
			}
			if name := sql[i+1 : i+end]; IsName(name) {
				out = append(out, Reference{Name: name, From: i, To: i + end + 1})
				i += end
			}
		}
	}
	return out
}

// skipQuoted is the place of the closing quote; a doubled quote stays inside.
func skipQuoted(s string, i int) int {
	q := s[i]
	for i++; i < len(s); i++ {
		if s[i] == q {
			if i+1 < len(s) && s[i+1] == q {
				i++
				continue
			}
			return i
		}
	}
	return i
}

func skipTo(s string, i int, end string) int {
	if at := strings.Index(s[i:], end); at >= 0 {
		return i + at + len(end) - 1
	}
	return len(s)
}

// IsName tells whether a text may name a thing: a lower-case letter, then
// letters, digits and underscores.
func IsName(s string) bool {
	for i, c := range s {
		if (c < 'a' || c > 'z') && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
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
