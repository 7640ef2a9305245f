package expr_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models/expr"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

// fact is one line of testdata/truth.txt: an expression, its type and what it
// comes to. A value that starts with ! is one that must fail.
type fact struct{ text, typ, value string }

const truthFile = "testdata/truth.txt"

// facts reads the truth; other lines are kept as facts without a type.
func facts(t *testing.T) []fact {
	t.Helper()
	var out []fact
	for line := range strings.SplitSeq(read(t, truthFile), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			out = append(out, fact{text: line})
			continue
		}
		parts := strings.Split(line, " | ")
		f := fact{text: line}
		if n := len(parts); n > 2 {
			f = fact{strings.Join(parts[:n-2], " | "), parts[n-2], parts[n-1]}
		} else if !*update {
			t.Fatalf("%q is not expression | type | value", line)
		} else {
			f.typ = "?"
		}
		out = append(out, f)
	}
	return out
}

// fixture is the table that the truth is told of: the second row is empty.
const fixture = `CREATE TABLE orders AS SELECT * FROM (VALUES
 ('Zoë', 'paid', 1, 10, 10.5, 0.5, true, DATE '1990-02-28', TIMESTAMP '2026-03-28 23:30:00', '{"plan": {"name": "gold", "seats": 3}, "list": [1, "two", null, true, {"x": 1}], "odd name": "é", "none": null}', 100.25, 'a'),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('adam', 'open', 2, 10, 20.25, 1.5, false, DATE '2000-02-29', TIMESTAMP '2026-03-29 00:30:00', '{"plan": 1}', 0.000000001, 'b'),
 ('Bob', 'paid', 3, 20, -5, 2.5, true, DATE '1970-01-01', TIMESTAMP '2026-03-29 00:30:00', '[1]', 7, 'c'),
 ('adam', 'gone', 4, NULL, 0, -1, NULL, NULL, NULL, '{}', NULL, 'd')
) AS v(name, status, n, m, amount, rate, paid, born, ordered_at, properties, "Order Total", "select")`

// columns of the fixture, of Weir's types.
func fixtureTable(d *warehouse.Dialect) string {
	cast := func(name string, typ rows.Type) string {
		return "CAST(" + d.Quote(name) + " AS " + d.TypeNames[typ] + ") AS " + d.Quote(name)
	}
	var cols []string
	for _, c := range scope.Columns {
		if c.Type != rows.TextList {
			cols = append(cols, cast(c.Name, c.Type))
		}
	}
	return "CREATE TABLE facts AS SELECT " + strings.Join(cols, ", ") + " FROM orders"
}

// asked is a query for a fact: of aggregates over all rows, of values in the first row.
func asked(sql string, aggregate bool, quote func(string) string) string {
	if aggregate {
		return sql + " AS v FROM facts, literals"
	}
	return sql + " AS v FROM facts, literals WHERE " + quote("n") + " = 1"
}

// TestTruth: what every operator and function comes to on DuckDB, once with its
// literals as they are and once with all that can be columns as columns.
func TestTruth(t *testing.T) {
	c := expr.OpenEmpty(t)
	list := facts(t)
	for _, sql := range []string{fixture, fixtureTable(c.Dialect()), literalsTable(t, "duckdb", list)} {
		if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: sql}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range list {
		f := &list[i]
		if f.typ == "" {
			continue
		}
		ty := typed(t, f.text)
		got := told(t, c, ty, aggregates(ty))
		if *update {
			f.typ, f.value = ty.Type.String(), got
			continue
		}
		if f.typ != ty.Type.String() || !same(f, got) {
			t.Errorf("%s\n got %s %s\nwant %s %s\n  as %s", f.text, ty.Type, got, f.typ, f.value, value(t, "duckdb", f.text))
		}
		if loose := unfolded(t, f.text, aggregates(ty)); loose != nil {
			if got := told(t, c, loose, aggregates(ty)); !same(f, got) {
				t.Errorf("%s with columns\n got %s\nwant %s\n  as %s", f.text, got, f.value, sqlOf(t, "duckdb", loose))
			}
		}
	}
	if *update {
		rewrite(t, list)
	}
}

func sqlOf(t *testing.T, dialect string, ty *expr.Typed) string {
	t.Helper()
	sql, err := printer(t, dialect).Value(ty)
	if err != nil {
		t.Fatal(err)
	}
	return sql
}

// told is what a typed expression comes to.
func told(t *testing.T, c warehouse.Conn, ty *expr.Typed, aggregate bool) string {
	t.Helper()
	got, err := one(t.Context(), c, asked(sqlOf(t, "duckdb", ty), aggregate, c.Dialect().Quote), ty.Type)
	switch {
	case err != nil && (strings.Contains(err.Error(), "verflow") || strings.Contains(err.Error(), "range")):
		return "!overflow"
	case err != nil:
		return "!" + err.Error()
	}
	return quoted(got)
}

// quoted is a value as a line of the truth holds it.
func quoted(got string) string {
	if strings.ContainsAny(got, "\n\r\t|") || strings.TrimSpace(got) != got || got == "" {
		return strconv.Quote(got)
	}
	return got
}

func same(f *fact, got string) bool {
	if f.typ != "double" {
		return got == f.value
	}
	a, err := strconv.ParseFloat(got, 64)
	b, err2 := strconv.ParseFloat(f.value, 64)
	return err != nil && got == f.value || err == nil && err2 == nil && math.Abs(a-b) <= 1e-12*math.Abs(b)
}

func rewrite(t *testing.T, list []fact) {
	t.Helper()
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.text)
		if f.typ != "" {
			b.WriteString(" | " + f.typ + " | " + f.value)
		}
		b.WriteString("\n")
	}
	if err := os.WriteFile(truthFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// aggregates tells whether an expression was checked as one value for all rows.
func aggregates(ty *expr.Typed) bool {
	_, errs := expr.Check(ty.Expr, scope)
	return len(errs) > 0
}

// slots visits every place of a tree that holds a node.
func slots(at *expr.Node, visit func(*expr.Node)) {
	visit(at)
	switch n := (*at).(type) {
	case *expr.Unary:
		slots(&n.X, visit)
	case *expr.Binary:
		slots(&n.L, visit)
		slots(&n.R, visit)
	case *expr.Case:
		if n.Operand != nil {
			slots(&n.Operand, visit)
		}
		for i := range n.Whens {
			slots(&n.Whens[i].If, visit)
			slots(&n.Whens[i].Then, visit)
		}
		if n.Else != nil {
			slots(&n.Else, visit)
		}
	case *expr.In:
		slots(&n.X, visit)
		for i := range n.List {
			slots(&n.List[i], visit)
		}
	case *expr.Between:
		slots(&n.X, visit)
		slots(&n.Lo, visit)
		slots(&n.Hi, visit)
	case *expr.Like:
		slots(&n.X, visit)
		slots(&n.Pattern, visit)
	case *expr.IsNull:
		slots(&n.X, visit)
	case *expr.Distinct:
		slots(&n.L, visit)
		slots(&n.R, visit)
	case *expr.Cast:
		slots(&n.X, visit)
	case *expr.Call:
		for i := range n.Args {
			slots(&n.Args[i], visit)
		}
	}
}

// unfolded is an expression with as many of its literals as can be said as
// columns of the table literals: engines fold constants, and guards against
// zero and the like are left out for literals. nil where none can be moved.
func unfolded(t *testing.T, text string, aggregate bool) *expr.Typed {
	t.Helper()
	e, _ := expr.Parse(text)
	s := scope
	s.Aggregate = aggregate
	s.Columns = append([]expr.Column(nil), scope.Columns...)
	var out *expr.Typed
	slots(&e.Root, func(at *expr.Node) {
		name, typ := columnOf(*at)
		if name == "" {
			return
		}
		was := *at
		s.Columns = append(s.Columns, expr.Column{Source: "literals", Name: name, Type: typ})
		*at = &expr.Ref{Source: "literals", Column: name, Quoted: true}
		if ty, errs := expr.Check(e, s); len(errs) == 0 {
			out = ty
		} else {
			*at = was // it must be written out
		}
	})
	return out
}

// columnOf is the column of the table literals for a literal, or for a null
// that is cast, and its type; "" for other nodes.
func columnOf(n expr.Node) (string, rows.Type) {
	switch n := n.(type) {
	case *expr.Literal:
		if sum := sha256.Sum256([]byte(n.Value)); n.Type != 0 {
			return fmt.Sprintf("%s %x", n.Type, sum[:8]), n.Type
		}
	case *expr.Cast:
		if l, ok := n.X.(*expr.Literal); ok && l.Type == 0 {
			return "no " + n.Type.String(), n.Type
		}
	}
	return "", 0
}

// literalsTable holds every literal of the truth as a column.
func literalsTable(t *testing.T, dialect string, list []fact) string {
	t.Helper()
	seen := map[string]bool{}
	p := printer(t, dialect)
	var cols []string
	for _, f := range list {
		if f.typ == "" {
			continue
		}
		e := typed(t, f.text).Expr
		slots(&e.Root, func(at *expr.Node) {
			name, _ := columnOf(*at)
			if name == "" || seen[name] {
				return
			}
			seen[name] = true
			ty, errs := expr.Check(expr.Build(*at), scope)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			sql, err := p.Value(ty)
			if err != nil {
				t.Fatal(err)
			}
			cols = append(cols, sql+" AS "+duckdb.Dialect.Quote(name))
		})
	}
	return "CREATE TABLE literals AS SELECT " + strings.Join(cols, ", ")
}
