package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/diag"
)

// Column is a column that an expression may read.
type Column struct {
	Source string // the name that may stand before a dot; "" = none
	Name   string // exactly as the warehouse has it
	Type   Type
}

// Scope is what an expression may read, and of what kind it is.
type Scope struct {
	Columns []Column
	// Aggregate: the expression is one value for many rows. Columns then stand
	// inside aggregates only; without it no aggregate may stand anywhere.
	Aggregate bool
	// What names the relation for messages: "source orders".
	What string
}

// find is the column that a reference means. A name written exactly so goes
// before one that differs in its case.
func (s *Scope) find(r *Ref) (Column, *Error) {
	var exact, alike []Column
	for _, c := range s.Columns {
		if r.Source != "" && !strings.EqualFold(r.Source, c.Source) {
			continue
		}
		switch {
		case c.Name == r.Column:
			exact = append(exact, c)
		case strings.EqualFold(c.Name, r.Column):
			alike = append(alike, c)
		}
	}
	found := exact
	if len(found) == 0 {
		found = alike
	}
	switch len(found) {
	case 0:
		return Column{}, s.unknown(r)
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.full()
	}
	return Column{}, &Error{Code: "expr.ambiguous", Message: fmt.Sprintf("%s may mean %s", r.Column, strings.Join(names, " or ")), Hint: "write which one"}
}

// full is a column's name as an expression would write it.
func (c Column) full() string {
	if c.Source == "" {
		return formatName(c.Name)
	}
	return formatName(c.Source) + "." + formatName(c.Name)
}

// where is the relation, for a message.
func (s *Scope) where() string {
	if s.What == "" {
		return "there is"
	}
	return s.What + " has"
}

func (s *Scope) unknown(r *Ref) *Error {
	e := &Error{Code: "expr.unknown_column", Message: fmt.Sprintf("%s no column %q", s.where(), r.Column)}
	var names, sources []string
	for _, c := range s.Columns {
		if c.Source != "" && !slices.Contains(sources, c.Source) {
			sources = append(sources, c.Source)
		}
		if r.Source == "" || strings.EqualFold(r.Source, c.Source) {
			names = append(names, c.Name)
		}
	}
	if r.Source != "" && len(names) == 0 {
		e.Message = fmt.Sprintf("there is no source %q here", r.Source)
		e.Hint = suggest(r.Source, sources, "leave the name before the dot out")
		return e
	}
	fallback := "no column may be read here"
	if len(names) > 0 {
		fallback = "its columns are " + some(names)
	}
	if r.Quoted && r.Source == "" {
		fallback = fmt.Sprintf("a text is written in single quotes: '%s'", strings.ReplaceAll(r.Column, "'", "''"))
	}
	e.Hint = suggest(r.Column, names, fallback)
	return e
}

// suggest asks for the nearest name, or gives another hint.
func suggest(got string, known []string, fallback string) string {
	if near, ok := diag.Nearest(got, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return fallback
}

// some names the first few of a list.
func some(names []string) string {
	const most = 12
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
