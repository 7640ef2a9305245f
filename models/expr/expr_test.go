package expr_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models/expr"
	"github.com/weir-data/weir/warehouse"
)

var update = flag.Bool("update", false, "rewrite golden files")

// scope has a column of every type; some names need quoting.
var scope = expr.Scope{What: "source orders", Columns: []expr.Column{
	{Name: "name", Type: rows.Text}, {Name: "status", Type: rows.Text}, {Name: "n", Type: rows.Int}, {Name: "m", Type: rows.Int},
	{Name: "amount", Type: rows.Decimal}, {Name: "rate", Type: rows.Double}, {Name: "paid", Type: rows.Bool}, {Name: "born", Type: rows.Date},
	{Name: "ordered_at", Type: rows.Timestamp}, {Name: "properties", Type: rows.JSON}, {Name: "tags", Type: rows.TextList},
	{Name: "Order Total", Type: rows.Decimal}, {Name: "select", Type: rows.Text},
}}

// asOf is the one now of the tests.
var asOf = time.Date(2026, 3, 29, 0, 30, 0, 500_000_000, time.UTC)

// grouped is the scope with aggregates.
func grouped() expr.Scope {
	s := scope
	s.Aggregate = true
	return s
}

// typed parses and checks an expression, in the scope that fits it.
func typed(t *testing.T, text string) *expr.Typed {
	t.Helper()
	e, errs := expr.Parse(text)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", text, errs)
	}
	out, errs := expr.Check(e, scope)
	if len(errs) > 0 && errs[0].Code == "expr.aggregate" {
		out, errs = expr.Check(e, grouped())
	}
	if len(errs) > 0 {
		t.Fatalf("%s: %v", text, errs)
	}
	return out
}

func printer(t *testing.T, dialect string) *expr.Printer {
	t.Helper()
	p, err := expr.NewPrinter(dialect)
	if err != nil {
		t.Fatal(err)
	}
	p.AsOf = asOf
	return p
}

// value is the SQL of an expression in a dialect.
func value(t *testing.T, dialect, text string) string {
	t.Helper()
	sql, err := printer(t, dialect).Value(typed(t, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return sql
}

// one runs a query of one value of a type and gives its canonical text; NULL as "NULL".
func one(ctx context.Context, c warehouse.Conn, sql string, typ rows.Type) (string, error) {
	return expr.Ask(ctx, c, "SELECT "+c.Dialect().Text("v", typ)+" AS v FROM (SELECT "+sql+")")
}

func read(t *testing.T, path string) string {
	t.Helper()
	return strings.TrimRight(string(mustRead(t, path)), "\n")
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
