package expr_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models/expr"
	"github.com/weir-data/weir/warehouse/postgres"
)

// TestTruthPostgres: the same truth on PostgreSQL, in a session that is not in UTC.
func TestTruthPostgres(t *testing.T) {
	server := pgserver.Need(t)
	c, err := pgx.Connect(t.Context(), server.URL(server.Database(t), server.User))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	list := facts(t)
	for _, sql := range []string{"SET TimeZone = 'America/New_York'", fixture, fixtureTable(postgres.Dialect), literalsTable(t, "postgres", list)} {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%.60s: %v", sql, err)
		}
	}
	p, err := expr.For(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	p.AsOf = asOf
	for _, f := range list {
		if f.typ == "" || f.typ == "decimal" && f.value == "!overflow" { // numeric reckons wider
			continue
		}
		ty := typed(t, f.text)
		aggregate := aggregates(ty)
		forms := []*expr.Typed{ty}
		if loose := unfolded(t, f.text, aggregate); loose != nil {
			forms = append(forms, loose)
		}
		for _, ty := range forms {
			sql, err := p.Value(ty)
			if err != nil {
				t.Fatal(err)
			}
			if got := postgresTold(t, c, ty.Type, asked(sql, aggregate, postgres.Dialect.Quote)); !same(&f, got) {
				t.Errorf("%s\n got %s\nwant %s\n  as %s", f.text, got, f.value, sql)
			}
		}
	}
}

// postgresTold is what a query of one value comes to.
func postgresTold(t *testing.T, c *pgx.Conn, typ rows.Type, query string) string {
	t.Helper()
	var native string
	var got *string
	text := map[rows.Type]string{rows.Decimal: "trim_scale(v)::text", rows.Timestamp: `to_char(v, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`, rows.Date: "to_char(v, 'YYYY-MM-DD')"}[typ]
	if text == "" {
		text = "v::text"
	}
	err := c.QueryRow(t.Context(), "SELECT pg_typeof(v)::text, "+text+" FROM (SELECT "+query+") q").Scan(&native, &got)
	want := map[rows.Type]string{rows.Text: "text", rows.Int: "bigint", rows.Double: "double precision", rows.Decimal: "numeric", rows.Bool: "boolean", rows.Date: "date", rows.Timestamp: "timestamp without time zone"}[typ]
	switch {
	case err != nil && (strings.Contains(err.Error(), "out of range") || strings.Contains(err.Error(), "overflow")):
		return "!overflow"
	case err != nil:
		return "!" + err.Error()
	case native != want:
		return "of type " + native
	case got == nil:
		return "NULL"
	}
	return quoted(*got)
}
