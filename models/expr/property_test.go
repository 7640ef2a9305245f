package expr

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
	"pgregory.net/rapid"
)

// sameTree compares what trees mean, not where they stood.
var sameTree = cmp.Options{cmpopts.IgnoreTypes(Span{}), cmpopts.IgnoreFields(Ref{}, "Quoted"), cmpopts.EquateEmpty()}

var anyLiterals = []*Literal{
	{}, {Type: rows.Bool, Value: "true"}, {Type: rows.Int, Value: "0"}, {Type: rows.Int, Value: "-9223372036854775808"}, {Type: rows.Int, Value: "7"},
	{Type: rows.Decimal, Value: "0.5"}, {Type: rows.Decimal, Value: "-12.0"}, {Type: rows.Double, Value: "1.5e300"}, {Type: rows.Double, Value: "-1e-5"}, {Type: rows.Double, Value: "0e0"},
	{Type: rows.Text, Value: ""}, {Type: rows.Text, Value: "it's"}, {Type: rows.Text, Value: "a\nb\\"}, {Type: rows.Date, Value: "2026-02-28"}, {Type: rows.Timestamp, Value: "2026-03-29T00:30:00.5Z"},
}

// anyTree is a tree of any shape, typed or not.
func anyTree(t *rapid.T, depth int) Node {
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		if rapid.Bool().Draw(t, "literal") {
			l := *rapid.SampledFrom(anyLiterals).Draw(t, "value")
			return &l
		}
		r := &Ref{Column: rapid.SampledFrom(append([]string{"n", "date", "now", "timestamp", "in", "as", "over", "order"}, evilNames...)).Draw(t, "name")}
		if rapid.IntRange(0, 3).Draw(t, "dotted") == 0 {
			r.Source = rapid.SampledFrom([]string{"orders", "cast", "a b"}).Draw(t, "source")
		}
		return r
	}
	sub := func() Node { return anyTree(t, depth-1) }
	some := func() []Node {
		out := []Node{sub()}
		for range rapid.IntRange(0, 2).Draw(t, "more") {
			out = append(out, sub())
		}
		return out
	}
	no := rapid.Bool().Draw(t, "not")
	switch rapid.IntRange(0, 10).Draw(t, "kind") {
	case 0:
		return &Unary{Op: rapid.SampledFrom([]string{"-", "not"}).Draw(t, "op"), X: sub()}
	case 1:
		c := &Case{Whens: []When{{sub(), sub()}}}
		if no {
			c.Operand, c.Else = sub(), sub()
		}
		return c
	case 2:
		return &In{Not: no, X: sub(), List: some()}
	case 3:
		return &Between{Not: no, X: sub(), Lo: sub(), Hi: sub()}
	case 4:
		return &Like{Not: no, X: sub(), Pattern: sub()}
	case 5:
		return &IsNull{Not: no, X: sub()}
	case 6:
		return &Distinct{Not: no, L: sub(), R: sub()}
	case 7:
		typ, _ := rows.ParseType(rapid.SampledFrom(castTypes).Draw(t, "type"))
		return &Cast{X: sub(), Type: typ}
	case 8:
		c := &Call{Name: rapid.SampledFrom([]string{"lower", "left", "if", "nosuch", "coalesce"}).Draw(t, "function"), Args: some()}
		c.Distinct = rapid.IntRange(0, 5).Draw(t, "distinct") == 0
		return c
	}
	ops := []string{"+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">=", "and", "or"}
	return &Binary{Op: rapid.SampledFrom(ops).Draw(t, "operator"), L: sub(), R: sub()}
}

// TestFormatStable: what Format gives parses to the same tree, and is formatted alike again.
func TestFormatStable(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := Build(anyTree(rt, 4))
		again, errs := Parse(e.Text)
		if len(errs) > 0 {
			rt.Fatalf("%s: %v", e.Text, errs)
		}
		if diff := cmp.Diff(e.Root, again.Root, sameTree); diff != "" {
			rt.Fatalf("%s\n%s", e.Text, diff)
		}
		if f := Format(again); f != e.Text {
			rt.Fatalf("%s\nthen %s", e.Text, f)
		}
		_, _ = Check(again, sampleScope) // nothing panics
	})
}

// grow makes trees that are sound and of a type.
type grow struct {
	t         *rapid.T
	aggregate bool // columns stand inside aggregates
}

func pick[T any](g *grow, list []T) T { return rapid.SampledFrom(list).Draw(g.t, "pick") }

// of is a tree of exactly a type.
func (g *grow) of(typ Type, depth int) Node {
	if depth == 0 {
		return g.leaf(typ)
	}
	var forms [][2]any
	for i := range Functions {
		f := &Functions[i]
		for j := range f.Forms {
			form := &f.Forms[j]
			common := form.Result == untyped && len(form.Params) > 0 && slices.Contains(form.param(len(form.Params)-1).Types, typ)
			if f.Name == "first" || f.Name == "last" {
				common = slices.Contains(form.Params[0].Types, typ)
			}
			if f.Aggregate == g.aggregate && (form.Result == typ || common) {
				forms = append(forms, [2]any{f, form})
			}
		}
	}
	switch kind := rapid.IntRange(0, 9).Draw(g.t, "kind"); {
	case kind < 4 && len(forms) > 0:
		c := pick(g, forms)
		return g.call(c[0].(*Function), c[1].(*Form), typ, depth)
	case g.aggregate && len(forms) > 0 && kind < 8:
		c := pick(g, forms)
		return g.call(c[0].(*Function), c[1].(*Form), typ, depth)
	case kind == 4:
		c := &Case{Whens: []When{{g.of(rows.Bool, depth-1), g.of(typ, depth-1)}, {g.of(rows.Bool, depth-1), g.narrower(typ, depth-1)}}}
		if rapid.Bool().Draw(g.t, "else") {
			c.Else = g.narrower(typ, depth-1)
		}
		return c
	case kind == 5:
		if from := g.castable(typ); len(from) > 0 {
			return &Cast{X: g.of(pick(g, from), depth-1), Type: typ}
		}
	}
	return g.operator(typ, depth)
}

// castable are the types that a type is cast from.
func (g *grow) castable(to Type) []Type {
	var out []Type
	for _, from := range plain {
		if _, ok := castSpelling(from, to); ok {
			out = append(out, from)
		}
	}
	return out
}

// narrower is a tree of a type or of one that widens to it, or null.
func (g *grow) narrower(typ Type, depth int) Node {
	var from []Type
	for _, t := range plain {
		if widens(t, typ) {
			from = append(from, t)
		}
	}
	if len(from) == 0 || rapid.IntRange(0, 5).Draw(g.t, "null") == 0 {
		return &Literal{}
	}
	return g.of(pick(g, from), depth)
}

func (g *grow) call(f *Function, form *Form, typ Type, depth int) Node {
	c := &Call{Name: f.Name, Star: form.Star, Distinct: form.Distinct && rapid.Bool().Draw(g.t, "distinct")}
	inner := *g
	inner.aggregate = false
	n := len(form.Params)
	if form.Optional > 0 && rapid.Bool().Draw(g.t, "short") {
		n -= form.Optional
	} else if form.Variadic && rapid.Bool().Draw(g.t, "long") {
		n++
	}
	first := true
	for i := range n {
		p := form.param(i)
		switch {
		case p.Needs != nil:
			c.Args = append(c.Args, pick(g, sampleLiterals[p.Needs]))
		case p.Common && form.Result == untyped && first:
			first = false
			c.Args = append(c.Args, inner.of(typ, depth-1))
		case p.Common && form.Result == untyped:
			c.Args = append(c.Args, inner.narrowerOf(typ, p.Types, depth-1))
		case p.As == rows.Decimal && i == 0: // with two bigints it would be another form
			c.Args = append(c.Args, inner.of(rows.Decimal, depth-1))
		default:
			c.Args = append(c.Args, inner.of(pick(g, p.Types), depth-1))
		}
		if p.Varies && len(Columns(&Expr{Root: c.Args[i]})) == 0 {
			c.Args[i] = sampleColumn(typeIn(p.Types, typ, p.Common), 0)
		}
	}
	return c
}

// typeIn is the type itself where all of its kind are brought to it, else the first of a set.
func typeIn(set []Type, typ Type, common bool) Type {
	if common {
		return typ
	}
	return set[0]
}

// narrowerOf is narrower, kept to the types of a parameter.
func (g *grow) narrowerOf(typ Type, set []Type, depth int) Node {
	n := g.narrower(typ, depth)
	if l, ok := n.(*Literal); ok && l.Type == untyped {
		return n
	}
	if !slices.Contains(set, typ) {
		return g.of(typ, depth)
	}
	return n
}

func (g *grow) operator(typ Type, depth int) Node {
	sub := func(t Type) Node { return g.of(t, depth-1) }
	switch typ {
	case rows.Text:
		return &Binary{Op: "||", L: sub(rows.Text), R: sub(rows.Text)}
	case rows.Int, rows.Decimal:
		if rapid.IntRange(0, 4).Draw(g.t, "minus") == 0 {
			return &Unary{Op: "-", X: sub(typ)}
		}
		l, r := sub(typ), g.of(pick(g, []Type{rows.Int, typ}), depth-1)
		if rapid.Bool().Draw(g.t, "swap") {
			l, r = r, l
		}
		return &Binary{Op: pick(g, []string{"+", "-", "*", "%"}), L: l, R: r}
	case rows.Double:
		if rapid.Bool().Draw(g.t, "divide") {
			return &Binary{Op: "/", L: sub(pick(g, numbers)), R: sub(pick(g, numbers))}
		}
		return &Binary{Op: pick(g, []string{"+", "-", "*"}), L: sub(pick(g, numbers)), R: sub(rows.Double)}
	case rows.Bool:
		return g.condition(depth)
	}
	return g.leaf(typ)
}

func (g *grow) condition(depth int) Node {
	no := rapid.Bool().Draw(g.t, "not")
	typ := pick(g, ordered)
	same := func() Node { return g.of(typ, depth-1) }
	switch rapid.IntRange(0, 8).Draw(g.t, "condition") {
	case 0:
		return &Unary{Op: "not", X: g.of(rows.Bool, depth-1)}
	case 1:
		return &Binary{Op: pick(g, []string{"and", "or"}), L: g.of(rows.Bool, depth-1), R: g.of(rows.Bool, depth-1)}
	case 2:
		return &In{Not: no, X: same(), List: []Node{same(), same()}}
	case 3:
		return &Between{Not: no, X: same(), Lo: same(), Hi: same()}
	case 4:
		return &Like{Not: no, X: g.of(rows.Text, depth-1), Pattern: pick(g, words("a%", `%\%_`, "", `\\'`))}
	case 5:
		return &IsNull{Not: no, X: g.of(pick(g, plain), depth-1)}
	case 6:
		return &Distinct{Not: no, L: same(), R: g.narrower(typ, depth-1)}
	case 7:
		return &Case{Operand: same(), Whens: []When{{same(), g.of(rows.Bool, depth-1)}}, Else: &Literal{Type: rows.Bool, Value: "false"}}
	}
	if isNumber(typ) {
		return &Binary{Op: pick(g, []string{"=", "<", ">="}), L: same(), R: g.of(pick(g, numbers), depth-1)}
	}
	return &Binary{Op: pick(g, []string{"=", "<>", "<", "<=", ">", ">="}), L: same(), R: same()}
}

// leaf is a column or a literal; null as one of a type.
func (g *grow) leaf(typ Type) Node {
	if typ == rows.JSON {
		if g.aggregate {
			return &Call{Name: "count", Star: true} // no aggregate gives JSON: never asked for
		}
		return sampleColumn(typ, 0)
	}
	var lits []*Literal
	for _, l := range anyLiterals {
		if l.Type == typ {
			lits = append(lits, l)
		}
	}
	if !g.aggregate && rapid.IntRange(0, 2).Draw(g.t, "column") > 0 {
		return sampleColumn(typ, rapid.IntRange(0, 1).Draw(g.t, "which"))
	}
	if rapid.IntRange(0, 6).Draw(g.t, "null") == 0 {
		return &Cast{X: &Literal{}, Type: typ}
	}
	return pick(g, lits)
}

// sampleRows is the table of sampleScope, with extremes and NULLs.
const sampleRows = `CREATE TABLE samples AS SELECT CAST(name AS VARCHAR) AS name, CAST(status AS VARCHAR) AS status, CAST(n AS BIGINT) AS n, CAST(m AS BIGINT) AS m, CAST(amount AS DECIMAL(38,9)) AS amount,
 CAST(total AS DECIMAL(38,9)) AS "Order Total", CAST(rate AS DOUBLE) AS rate, CAST(ratio AS DOUBLE) AS ratio, CAST(paid AS BOOLEAN) AS paid, CAST(born AS DATE) AS born, CAST(ordered_at AS TIMESTAMP) AS ordered_at, CAST(properties AS JSON) AS properties FROM (VALUES
 ('Zoë', 'paid', 1, 2, 10.5, 0.1, 0.5, 1e10, true, DATE '1990-02-28', TIMESTAMP '2026-03-29 00:30:00', '{"plan": {"name": "gold"}, "list": [1]}'),
 ('', ' ', 0, -1, 0, -0.000000001, 0, -1e-300, false, DATE '0001-01-01', TIMESTAMP '0001-01-01 00:00:00', '[]'),
 ('日本語 🤦', 'a-1', 9223372036854775807, -9223372036854775808, 99999999999999999999999999999.999999999, -1, 1.7976931348623157e308, 'NaN', NULL, DATE '9999-12-31', TIMESTAMP '9999-12-31 23:59:59.999999', 'null'),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS v(name, status, n, m, amount, total, rate, ratio, paid, born, ordered_at, properties)`

// TestTypedRuns: whatever Check gives a type to is of just that type on DuckDB,
// and comes to a value there unless a number or a date grows out of its type.
func TestTypedRuns(t *testing.T) {
	c, err := duckdb.Open(t.Context(), ":memory:", duckdb.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: sampleRows}); err != nil {
		t.Fatal(err)
	}
	ran, fine := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		aggregate := rapid.IntRange(0, 3).Draw(rt, "aggregate") == 0
		typ := rapid.SampledFrom(plain).Draw(rt, "type")
		e := Build((&grow{t: rt, aggregate: aggregate}).of(typ, rapid.IntRange(1, 3).Draw(rt, "depth")))
		s := sampleScope
		s.Aggregate = aggregate
		ty, errs := Check(e, s)
		if len(errs) > 0 {
			if errs[0].Code == "expr.too_large" {
				return
			}
			rt.Fatalf("%s: %v", e.Text, errs)
		}
		if ty.Type != typ {
			rt.Fatalf("%s is %s, want %s", e.Text, ty.Type, typ)
		}
		for _, d := range Dialects {
			if _, err := (&Printer{d: *dialects[d], AsOf: time.Unix(1, 0)}).Value(ty); err != nil {
				rt.Fatalf("%s in %s: %v", e.Text, d, err)
			}
		}
		ran++
		if runs(rt, c, ty) {
			fine++
		}
	})
	if fine*2 < ran {
		t.Errorf("only %d of %d came to a value: the test says little", fine, ran)
	}
}

// runs runs an expression over the samples; false where a value grew too large.
func runs(t *rapid.T, c *duckdb.Conn, ty *Typed) bool {
	p, err := For(c.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	p.AsOf = time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)
	sql, err := p.Value(ty)
	if err != nil {
		t.Fatal(err)
	}
	stmt := warehouse.Stmt{SQL: "SELECT " + sql + " AS v FROM samples"}
	cols, err := c.Describe(t.Context(), stmt)
	if err != nil && grew(err) {
		return false // constants are folded when the statement is prepared
	}
	if err != nil {
		t.Fatalf("%s\n%s\n%v", ty.Expr.Text, sql, err)
	}
	if want := c.Dialect().TypeNames[ty.Type]; cols[0].Native != want {
		t.Fatalf("%s\n%s\nis %s, want %s", ty.Expr.Text, sql, cols[0].Native, want)
	}
	_, err = c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE OR REPLACE TABLE result AS " + stmt.SQL})
	if err != nil && !grew(err) {
		t.Fatalf("%s\n%s\n%v", ty.Expr.Text, sql, err)
	}
	return err == nil
}

// grew tells whether an error is that a number or a date grew out of its type.
func grew(err error) bool {
	return slices.ContainsFunc([]string{"verflow", "out of range", "Out of Range", "outside of range", "timestamp range", "with value"}, func(s string) bool { return strings.Contains(err.Error(), s) })
}

// TestTooLarge: an expression that would explode as SQL is refused, and quickly.
func TestTooLarge(t *testing.T) {
	text := strings.Repeat("sqrt(", 40) + "n" + strings.Repeat(")", 40)
	e, errs := Parse(text)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if _, errs = Check(e, sampleScope); len(errs) != 1 || errs[0].Code != "expr.too_large" {
		t.Errorf("%v, want expr.too_large", errs)
	}
	for _, text := range []string{strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000), strings.Repeat("not ", 5000) + "true", "1" + strings.Repeat(" + 1", 5000), strings.Repeat("- ", 5000) + "n", fmt.Sprintf("'%s'", strings.Repeat("x", maxBytes))} {
		if _, errs := Parse(text); len(errs) != 1 || errs[0].Code != "expr.too_large" {
			t.Errorf("%.20s…: %v, want expr.too_large", text, errs)
		}
	}
}
