package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Compile turns a sync into the query of what it wants. Schema holds the
// columns of its source, as the warehouse described them or as last pulled.
// Where a finding is an error, the query is not to be used.
func Compile(p *Project, s *Sync, schema Schema, d *warehouse.Dialect) (*Query, []diag.Finding) {
	c := newCompiler(s, schema[s.From.Name], d)
	steps, from, findings := sourceSteps(p, s.From, d)
	c.fs.Append(findings)
	q := &Query{Steps: steps, Relation: "typed", MatchIsKey: matchIsKey(s)}
	q.KeyType = c.key()
	q.Match = c.mappings("m", s.Match)
	for i, f := range q.Match {
		c.problem(f.Expr+" IS NULL", "no_match:"+s.Match[i].To, "")
	}
	q.Fields = c.mappings("f", s.Fields)
	q.At = c.event()
	q.OrderBy = c.order()
	if len(c.problems) > 0 {
		q.Problem = c.problemCase()
	}
	typed := "sync " + s.Name + " (" + place(s.Place) + "): its values, each as one of Weir's types"
	q.Steps = append(q.Steps, c.step(q.Relation, typed, c.cols, from))
	if q.Fault = c.faultCase(q.At); q.Fault != "" {
		q.Faulty = c.step(q.Relation, typed+", and the texts they were read from", slices.Concat(c.cols, c.raw), from)
	}
	return q, c.fs.Sorted()
}

func (c *compiler) step(name, comment string, cols []string, from string) warehouse.CTE {
	w := warehouse.NewWriter(c.d)
	w.Line("SELECT").In(func() { w.List(cols) })
	w.Line("FROM ", from)
	return warehouse.CTE{Name: name, Comment: comment, SQL: w.String()}
}

// compiler is the scratch state of one compilation.
type compiler struct {
	s        *Sync
	d        *warehouse.Dialect
	columns  []warehouse.NativeColumn
	cols     []string // of the typed relation
	raw      []string // more of its columns: texts that may be at fault
	problems []problem
	fs       diag.Findings
}

// problem is what can be wrong with a row: a condition over the typed relation,
// the code and the field as 'code:field', and the text at fault, "" for none.
type problem struct{ condition, what, fault string }

func newCompiler(s *Sync, schema []SchemaColumn, d *warehouse.Dialect) *compiler {
	c := &compiler{s: s, d: d}
	for _, col := range schema {
		t, ok := rows.ParseType(col.Type)
		if !ok {
			t = rows.Text
		}
		c.columns = append(c.columns, warehouse.NativeColumn{Name: col.Name, Native: col.Native, Type: t})
	}
	return c
}

func place(p diag.Place) string {
	if p.File == "" {
		return "in a file"
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// column finds a column of the source, or says that it is not there. A name
// written exactly so goes before one that differs in its case.
func (c *compiler) column(name string, at diag.Place, what string) (warehouse.NativeColumn, bool) {
	var found *warehouse.NativeColumn
	names := make([]string, len(c.columns))
	for i := range c.columns {
		col := &c.columns[i]
		if names[i] = col.Name; col.Name == name {
			return *col, true
		}
		if strings.EqualFold(col.Name, name) {
			found = col
		}
	}
	if found != nil {
		return *found, true
	}
	f := diag.Finding{Code: "model.unknown_column", Place: at, Subject: "sync " + c.s.Name, Message: fmt.Sprintf("source %s has no column %q, which %s needs", c.s.From.Name, name, what)}
	if near, ok := diag.Nearest(name, names); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	} else {
		f.Hint = "its columns are " + strings.Join(names, ", ")
	}
	c.fs.Add(f)
	return warehouse.NativeColumn{}, false
}

// rule is what the contract says of a column.
func (c *compiler) rule(name string) ColumnRule {
	for _, r := range c.s.From.Columns {
		if strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return ColumnRule{}
}

// as is the type that a column is compared and sent as: what its contract
// says, so that a column which grows wider upstream resends nothing; else its own.
func (c *compiler) as(col warehouse.NativeColumn) rows.Type {
	if t := c.rule(col.Name).Type; t != 0 {
		return t
	}
	return col.Type
}

// cast is a column as one of Weir's types; NULL where it has no place there.
func (c *compiler) cast(col warehouse.NativeColumn, t rows.Type) string {
	expr := c.d.Quote(col.Name)
	if c.d.CanFail(col, t) {
		return c.d.TryCast(expr, col, t, c.s.From.Zone)
	}
	return c.d.Cast(expr, col, t, c.s.From.Zone)
}

// key types the primary key: a bigint stays one, all else is canonical text,
// several columns a JSON array. Where a part is NULL so is the key.
func (c *compiler) key() rows.Type {
	var there, texts []string
	for i, name := range c.s.From.PrimaryKey {
		col, ok := c.column(name, c.s.From.Place, "the primary key")
		if !ok {
			return rows.Text
		}
		t := c.as(col)
		if t == rows.JSON || t == rows.TextList {
			c.fs.Add(diag.Finding{Code: "model.key_type", Place: c.s.From.Place, Subject: "source " + c.s.From.Name,
				Message: fmt.Sprintf("column %q of the primary key of source %s is %s (%s), which cannot tell rows apart", name, c.s.From.Name, t, col.Native), Hint: "take a column of text, numbers or times"})
			return rows.Text
		}
		part := c.cast(col, t)
		if len(c.s.From.PrimaryKey) == 1 {
			return c.singleKey(part, t)
		}
		if i > 0 {
			texts = append(texts, "','")
		}
		there, texts = append(there, part+" IS NOT NULL"), append(texts, c.d.JSONValue(part, t))
	}
	c.cols = append(c.cols, "CASE WHEN "+strings.Join(there, " AND ")+"\n  THEN '[' || "+strings.Join(texts, " || ")+" || ']' END AS key")
	return rows.Text
}

func (c *compiler) singleKey(expr string, t rows.Type) rows.Type {
	if t == rows.Int {
		c.cols = append(c.cols, expr+" AS key")
		return rows.Int
	}
	c.cols = append(c.cols, c.d.Text(expr, t)+" AS key")
	return rows.Text
}

// mappings adds mapped values as columns of the typed relation: m1, m2, … or f1, f2, ….
func (c *compiler) mappings(letter string, ms []Mapping) []QueryField {
	var out []QueryField
	for i, m := range ms {
		alias := fmt.Sprintf("%s%d", letter, i+1)
		f := QueryField{Name: m.To, Expr: alias, Set: m.Set, Nulls: m.Nulls}
		if m.Value != nil {
			f.Type = c.constant(alias, *m.Value)
		} else {
			f.PII = c.rule(m.From).PII
			f.Type = c.mapped(alias, m)
		}
		out = append(out, f)
	}
	return out
}

// mapped adds a column of the source, and what can be wrong with its values.
func (c *compiler) mapped(alias string, m Mapping) rows.Type {
	col, ok := c.column(m.From, m.Place, "field "+m.To)
	if !ok {
		return rows.Text
	}
	t := c.as(col)
	c.cols = append(c.cols, c.cast(col, t)+" AS "+alias)
	if c.d.CanFail(col, t) {
		had := "had_" + alias
		c.cols = append(c.cols, c.d.Quote(col.Name)+" IS NOT NULL AS "+had)
		c.raw = append(c.raw, c.cast(col, rows.Text)+" AS raw_"+alias)
		c.problem(had+" AND "+alias+" IS NULL", "bad_value:"+m.To, "raw_"+alias)
	}
	switch not := c.d.NotJSON(alias, t); {
	case not == "FALSE":
	case t == rows.Double || t == rows.JSON:
		c.problem(not, "not_json:"+m.To, c.d.Text(alias, t))
	default:
		c.problem(not, "bad_value:"+m.To, c.d.Text(alias, t))
	}
	return t
}

func (c *compiler) problem(condition, what, fault string) {
	c.problems = append(c.problems, problem{condition, what, fault})
}

// faultCase is the text at fault of the first thing that is wrong with a row;
// at is the time of an event, which may not be readable.
func (c *compiler) faultCase(at string) string {
	w, some := warehouse.NewWriter(c.d), at != ""
	w.Line("CASE")
	if some {
		w.Line("  WHEN ", at, " IS NULL THEN raw_at")
	}
	for _, p := range c.problems {
		fault := p.fault
		if some = some || fault != ""; fault == "" {
			fault = "NULL"
		}
		w.Line("  WHEN ", p.condition, " THEN ", fault)
	}
	w.Line("END")
	if !some {
		return ""
	}
	return strings.TrimSpace(w.String())
}

// problemCase is the first thing that is wrong with a row, over the typed relation.
func (c *compiler) problemCase() string {
	w := warehouse.NewWriter(c.d)
	w.Line("CASE")
	for _, p := range c.problems {
		w.Line("  WHEN ", p.condition, " THEN ", c.d.String(p.what))
	}
	w.Line("END")
	return strings.TrimSpace(w.String())
}

// event adds the time of an event; one that cannot be read is NULL.
func (c *compiler) event() string {
	if c.s.Kind != destinations.Event || c.s.Event == nil {
		return ""
	}
	name, at := c.s.Event.At, c.s.Event.Place
	if name == "" {
		name, at = c.s.From.OccurredAt, c.s.From.Place
	}
	col, ok := c.column(name, at, "the time of the event")
	if !ok {
		return ""
	}
	if col.Type != rows.Timestamp && col.Type != rows.Date && col.Type != rows.Text {
		c.fs.Add(diag.Finding{Code: "model.time_type", Place: at, Subject: "sync " + c.s.Name,
			Message: fmt.Sprintf("column %q of source %s is %s (%s), and the time of an event must be a timestamp", name, c.s.From.Name, col.Type, col.Native), Hint: "name another column, or cast it in the source's SQL"})
	}
	c.cols = append(c.cols, c.cast(col, rows.Timestamp)+" AS happened_at")
	c.raw = append(c.raw, c.cast(col, rows.Text)+" AS raw_at")
	return "happened_at"
}

// order adds the columns of `order_by`.
func (c *compiler) order() []string {
	var out []string
	for i, o := range c.s.OnDuplicate.OrderBy {
		col, ok := c.column(o.Column, c.s.Place, "on_duplicate.order_by")
		if !ok {
			continue
		}
		alias := fmt.Sprintf("o%d", i+1)
		c.cols = append(c.cols, c.d.Quote(col.Name)+" AS "+alias)
		if o.Desc {
			alias += " DESC"
		}
		out = append(out, alias)
	}
	return out
}

// matchIsKey: nothing is matched by but the key itself, so that two rows share
// a record only if they share the key.
func matchIsKey(s *Sync) bool {
	if len(s.Match) == 0 {
		return true
	}
	if len(s.Match) != len(s.From.PrimaryKey) {
		return false
	}
	left := append([]string(nil), s.From.PrimaryKey...)
	for _, m := range s.Match {
		at := -1
		for i, name := range left {
			if strings.EqualFold(name, m.From) {
				at = i
			}
		}
		if at < 0 {
			return false
		}
		left = append(left[:at], left[at+1:]...)
	}
	return true
}
