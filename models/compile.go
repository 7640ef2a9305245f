package models

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Compile turns a sync into the query of what it wants. Schema holds the
// columns of its source, as the warehouse described them or as last pulled.
func Compile(p *Project, s *Sync, schema Schema, d *warehouse.Dialect) (*Query, []diag.Finding) {
	c := &compiler{p: p, s: s, d: d, columns: map[string]warehouse.NativeColumn{}}
	for _, col := range schema[s.From.Name] {
		t, ok := rows.ParseType(col.Type)
		if !ok {
			t = rows.Text
		}
		c.columns[strings.ToLower(col.Name)] = warehouse.NativeColumn{Name: col.Name, Native: col.Native, Type: t}
		c.names = append(c.names, col.Name)
	}
	steps, from, findings := sourceSteps(p, s.From, d)
	c.fs.Append(findings)
	q := &Query{Steps: steps, Relation: "typed"}
	q.KeyType = c.key()
	c.match(q)
	c.fields(q)
	c.event(q)
	c.order(q)
	q.MatchIsKey = c.matchIsKey()
	w := warehouse.NewWriter(d)
	w.Line("SELECT").In(func() { w.List(c.cols) })
	w.Line("FROM ", from)
	q.Steps = append(q.Steps, warehouse.CTE{Name: "typed", Comment: "sync " + s.Name + " (" + place(s.Place) + "): its values, each as one of Weir's types", SQL: w.String()})
	q.Problem = problems(c.problems)
	return q, c.fs.Sorted()
}

// compiler is the scratch state of one compilation.
type compiler struct {
	p        *Project
	s        *Sync
	d        *warehouse.Dialect
	columns  map[string]warehouse.NativeColumn
	names    []string
	cols     []string    // of the typed relation
	problems [][2]string // condition, 'code:field' literal
	fs       diag.Findings
}

func place(p diag.Place) string {
	if p.File == "" {
		return "?"
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// column finds a column of the source, or says that it is not there.
func (c *compiler) column(name string, at diag.Place, what string) (warehouse.NativeColumn, bool) {
	if col, ok := c.columns[strings.ToLower(name)]; ok {
		return col, true
	}
	f := diag.Finding{Code: "model.unknown_column", Place: at, Subject: "sync " + c.s.Name, Message: fmt.Sprintf("source %s has no column %q, which %s needs", c.s.From.Name, name, what)}
	if near, ok := diag.Nearest(name, c.names); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	} else {
		f.Hint = "its columns are " + strings.Join(c.names, ", ")
	}
	c.fs.Add(f)
	return warehouse.NativeColumn{}, false
}

// key types the primary key: a bigint stays one, all else is canonical text,
// several columns a JSON array.
func (c *compiler) key() rows.Type {
	var parts []string
	var first rows.Type
	for _, name := range c.s.From.PrimaryKey {
		col, ok := c.column(name, c.s.From.Place, "the primary key")
		if !ok {
			return rows.Text
		}
		first = col.Type
		parts = append(parts, c.cast(col, col.Type))
	}
	if len(parts) == 1 && first == rows.Int {
		c.cols = append(c.cols, parts[0]+" AS key")
		return rows.Int
	}
	if len(parts) == 1 {
		c.cols = append(c.cols, c.d.Text(parts[0], first)+" AS key")
		return rows.Text
	}
	var there, texts []string
	for i, part := range parts {
		col, _ := c.column(c.s.From.PrimaryKey[i], c.s.From.Place, "the primary key")
		there = append(there, part+" IS NOT NULL")
		if i > 0 {
			texts = append(texts, "','")
		}
		texts = append(texts, c.d.JSONValue(part, col.Type))
	}
	c.cols = append(c.cols, "CASE WHEN "+strings.Join(there, " AND ")+"\n  THEN '[' || "+strings.Join(texts, " || ")+" || ']' END AS key")
	return rows.Text
}

func (c *compiler) cast(col warehouse.NativeColumn, t rows.Type) string {
	return c.d.Cast(c.d.Quote(col.Name), col, t, c.zone())
}

func (c *compiler) zone() string {
	if c.s.From.Zone != "" {
		return c.s.From.Zone
	}
	return "UTC"
}

// typed adds one mapped value as a column of the typed relation.
func (c *compiler) typed(alias string, m Mapping) (QueryField, bool) {
	f := QueryField{Name: m.To, Expr: alias, Set: m.Set, Nulls: m.Nulls, Type: rows.Text}
	if m.Value != nil {
		f.Type = rows.JSON
		c.cols = append(c.cols, c.d.String(*m.Value)+" AS "+alias)
		return f, true
	}
	col, ok := c.column(m.From, m.Place, "field "+m.To)
	if !ok {
		return f, false
	}
	f.Type = col.Type
	expr := c.cast(col, col.Type)
	if risky(col) {
		expr = c.d.TryCast(c.d.Quote(col.Name), col, col.Type, c.zone())
		c.problems = append(c.problems, [2]string{c.d.Quote(col.Name) + " IS NOT NULL AND " + expr + " IS NULL", "bad_value:" + m.To})
	}
	c.cols = append(c.cols, expr+" AS "+alias)
	if not := c.d.NotJSON(alias, f.Type); not != "FALSE" {
		c.problems = append(c.problems, [2]string{c.d.NotJSON(expr, f.Type), "not_json:" + m.To})
	}
	for _, rule := range c.s.From.Columns {
		if strings.EqualFold(rule.Name, m.From) {
			f.PII = rule.PII
		}
	}
	return f, true
}

// risky types may hold values that Weir's type cannot.
func risky(col warehouse.NativeColumn) bool {
	return col.Type == rows.Decimal && !strings.HasPrefix(col.Native, "DECIMAL(38,9)") && col.Native != "decimal"
}

func (c *compiler) match(q *Query) {
	for i, m := range c.s.Match {
		if f, ok := c.typed(fmt.Sprintf("m%d", i+1), m); ok {
			q.Match = append(q.Match, f)
		}
	}
}

func (c *compiler) fields(q *Query) {
	for i, m := range c.s.Fields {
		if f, ok := c.typed(fmt.Sprintf("f%d", i+1), m); ok {
			q.Fields = append(q.Fields, f)
		}
	}
	if len(c.problems) == 0 {
		return
	}
	w := warehouse.NewWriter(c.d)
	w.Line("CASE")
	for _, p := range c.problems {
		w.Line("  WHEN ", p[0], " THEN ", c.d.String(p[1]))
	}
	w.Line("END AS problem")
	c.cols = append(c.cols, strings.TrimSpace(w.String()))
}

// problems is the expression of what is wrong with a row; "" where nothing can be.
func problems(ps [][2]string) string {
	if len(ps) == 0 {
		return ""
	}
	return "problem"
}

func (c *compiler) event(q *Query) {
	if c.s.Kind != destinations.Event || c.s.Event == nil {
		return
	}
	if col, ok := c.column(c.s.Event.At, c.s.Event.Place, "event.at"); ok {
		c.cols = append(c.cols, c.d.TryCast(c.d.Quote(col.Name), col, rows.Timestamp, c.zone())+" AS happened_at")
		q.At = "happened_at"
	}
}

func (c *compiler) order(q *Query) {
	for i, o := range c.s.OnDuplicate.OrderBy {
		if col, ok := c.column(o.Column, c.s.Place, "on_duplicate.order_by"); ok {
			alias := fmt.Sprintf("o%d", i+1)
			c.cols = append(c.cols, c.d.Quote(col.Name)+" AS "+alias)
			if o.Desc {
				alias += " DESC"
			}
			q.OrderBy = append(q.OrderBy, alias)
		}
	}
}

// matchIsKey: nothing is matched by but the key itself.
func (c *compiler) matchIsKey() bool {
	if len(c.s.Match) == 0 {
		return true
	}
	if len(c.s.Match) != len(c.s.From.PrimaryKey) {
		return false
	}
	for i, m := range c.s.Match {
		if !strings.EqualFold(m.From, c.s.From.PrimaryKey[i]) {
			return false
		}
	}
	return true
}
