package expr_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models/expr"
	"github.com/weir-data/weir/warehouse"
)

// TestTruthPostgres: the same truth on PostgreSQL, where WEIR_TEST_POSTGRES
// says how a server is reached.
func TestTruthPostgres(t *testing.T) {
	url := os.Getenv("WEIR_TEST_POSTGRES")
	if url == "" {
		t.Skip("WEIR_TEST_POSTGRES is not set")
	}
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	list := facts(t)
	quoting := &warehouse.Dialect{Quote: func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` },
		TypeNames: map[rows.Type]string{rows.Text: "text", rows.Int: "bigint", rows.Double: "double precision", rows.Decimal: "numeric(38,9)", rows.Bool: "boolean", rows.Date: "date", rows.Timestamp: "timestamp"}}
	for _, sql := range []string{"SET TimeZone = 'America/New_York'", "DROP SCHEMA IF EXISTS weir_expr_test CASCADE", "CREATE SCHEMA weir_expr_test", "SET search_path = weir_expr_test", fixture, fixtureTable(quoting, "jsonb"), literalsTable(t, "postgres", list)} {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%.60s: %v", sql, err)
		}
	}
	defer c.Exec(t.Context(), "DROP SCHEMA weir_expr_test CASCADE")
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
			if got := postgresTold(t, c, ty, aggregate, quoting.Quote); !same(&f, got) {
				t.Errorf("%s\n got %s\nwant %s\n  as %s", f.text, got, f.value, sqlOf(t, "postgres", ty))
			}
		}
	}
}

// postgresTold is what a typed expression comes to, as Weir's own cast to text says it.
func postgresTold(t *testing.T, c *pgx.Conn, ty *expr.Typed, aggregate bool, quote func(string) string) string {
	t.Helper()
	sql := sqlOf(t, "postgres", ty)
	var typ string
	var got *string
	text := map[rows.Type]string{rows.Decimal: "trim_scale(v)::text", rows.Timestamp: `to_char(v, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`, rows.Date: "to_char(v, 'YYYY-MM-DD')"}[ty.Type]
	if text == "" {
		text = "v::text"
	}
	err := c.QueryRow(t.Context(), "SELECT pg_typeof(v)::text, "+text+" FROM (SELECT "+asked(sql, aggregate, quote)+") q").Scan(&typ, &got)
	want := map[rows.Type]string{rows.Text: "text", rows.Int: "bigint", rows.Double: "double precision", rows.Decimal: "numeric", rows.Bool: "boolean", rows.Date: "date", rows.Timestamp: "timestamp without time zone"}[ty.Type]
	switch {
	case err != nil && (strings.Contains(err.Error(), "out of range") || strings.Contains(err.Error(), "overflow")):
		return "!overflow"
	case err != nil:
		return "!" + err.Error()
	case typ != want:
		return "of type " + typ
	case got == nil:
		return "NULL"
	}
	return quoted(*got)
}
