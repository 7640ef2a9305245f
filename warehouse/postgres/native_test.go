package postgres

import (
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// natives are columns of PostgreSQL's own types: what they are called, what
// they become, and whether every value of the type has a place there.
var natives = []struct {
	expr, native string
	want         rows.Type
	canFail      bool
	json         string // of the value, cast
}{
	{"42::smallint", "smallint", rows.Int, false, "42"},
	{"42::integer", "integer", rows.Int, false, "42"},
	{"42::bigint", "bigint", rows.Int, false, "42"},
	{"42::oid", "oid", rows.Int, false, "42"},
	{"12.50::numeric(10,2)", "numeric(10,2)", rows.Decimal, false, "12.5"},
	{"12.50::numeric(38,2)", "numeric(38,2)", rows.Decimal, true, "12.5"},
	{"12.50::numeric", "numeric", rows.Decimal, true, "12.5"},
	{"1.5::real", "real", rows.Double, false, "1.5"},
	{"0.1::double precision", "double precision", rows.Double, false, "0.1"},
	{"true", "boolean", rows.Bool, false, "true"},
	{"'x'::text", "text", rows.Text, false, `"x"`},
	{"'x'::varchar(20)", "character varying(20)", rows.Text, false, `"x"`},
	{"'x'::char(3)", "character(3)", rows.Text, false, `"x"`},
	{"'x'::name", "name", rows.Text, false, `"x"`},
	{`'\x616263'::bytea`, "bytea", rows.Text, false, `"YWJj"`},
	{"decode(repeat('00', 60), 'hex')", "bytea", rows.Text, false, `"` + strings.Repeat("A", 80) + `"`},
	{"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "uuid", rows.Text, false, `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`},
	{"'b'::mood", "mood", rows.Text, false, `"b"`},
	{"'ann@x.example'::address", "text", rows.Text, false, `"ann@x.example"`},
	{"ROW(1, 'x')::pair", "pair", rows.JSON, false, `{"a":1,"b":"x"}`},
	{"TIME '12:34:56'", "time without time zone", rows.Text, false, `"12:34:56"`},
	{"INTERVAL '90 days'", "interval", rows.Text, false, `"90 days"`},
	{"'192.168.0.1'::inet", "inet", rows.Text, false, `"192.168.0.1"`},
	{"'[1,5)'::int4range", "int4range", rows.Text, false, `"[1,5)"`},
	{"B'101'", `"bit"`, rows.Text, false, `"101"`},
	{"DATE '1960-01-31'", "date", rows.Date, false, `"1960-01-31"`},
	{"TIMESTAMP '2026-07-01 12:00:00.5'", "timestamp without time zone", rows.Timestamp, false, `"2026-07-01T12:00:00.500000Z"`},
	{"TIMESTAMPTZ '2026-07-01 12:00:00+02'", "timestamp with time zone", rows.Timestamp, false, `"2026-07-01T10:00:00.000000Z"`},
	{"TIMESTAMP(0) '2026-07-01 12:00:00'", "timestamp(0) without time zone", rows.Timestamp, false, `"2026-07-01T12:00:00.000000Z"`},
	{"TIMESTAMPTZ(3) '2026-07-01 12:00:00+02'", "timestamp(3) with time zone", rows.Timestamp, false, `"2026-07-01T10:00:00.000000Z"`},
	{`'{"b": [1, 2],  "a" : "x  \" y"}'::json`, "json", rows.JSON, false, `{"b":[1,2],"a":"x  \" y"}`},
	{`'{"b": [1, 2], "a": "x, y: z"}'::jsonb`, "jsonb", rows.JSON, false, `{"a":"x, y: z","b":[1,2]}`},
	{"ARRAY['a', 'b']::text[]", "text[]", rows.TextList, false, `["a","b"]`},
	{"ARRAY['a', 'b']::varchar[]", "character varying[]", rows.TextList, false, `["a","b"]`},
	{"ARRAY[1, 2]", "integer[]", rows.JSON, false, `[1,2]`},
	{"NULL", "text", rows.Text, false, "null"},
}

func TestNatives(t *testing.T) {
	c := fresh(t)
	for _, q := range []string{"CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE DOMAIN address AS TEXT CHECK (VALUE LIKE '%@%')", "CREATE TYPE pair AS (a INTEGER, b TEXT)"} {
		if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: q}); err != nil {
			t.Fatal(err)
		}
	}
	d := c.Dialect()
	for _, n := range natives {
		cols, err := c.Describe(t.Context(), warehouse.Stmt{SQL: "SELECT " + n.expr + " AS x"})
		if err != nil {
			t.Errorf("%s: %v", n.expr, err)
			continue
		}
		got := cols[0]
		if got.Name != "x" || got.Native != n.native || got.Type != n.want {
			t.Errorf("%s: %+v, want %s as %s", n.expr, got, n.native, n.want)
			continue
		}
		if d.CanFail(got, got.Type) != n.canFail {
			t.Errorf("%s: a cast to %s can fail: %v", n.native, got.Type, !n.canFail)
		}
		for _, cast := range []string{d.Cast("x", got, got.Type, ""), d.TryCast("x", got, got.Type, "")} {
			value := texts(t, c, "SELECT COALESCE("+d.JSONValue("v", n.want)+", 'null') AS j FROM (SELECT "+cast+" AS v FROM (SELECT "+n.expr+" AS x) AS a) AS b")
			if value[0] != n.json {
				t.Errorf("%s: %s, want %s\n%s", n.expr, value[0], n.json, cast)
			}
		}
	}
}

// TestTries: every cast that may fail gives NULL for what has no place, and
// what DuckDB gives for the rest.
func TestTries(t *testing.T) {
	c := fresh(t)
	for _, n := range []struct {
		expr       string
		native     string
		from, to   rows.Type
		want, zone string
	}{
		{"' 12 '", "text", rows.Text, rows.Int, "12", ""}, {"'+7'", "text", rows.Text, rows.Int, "7", ""}, {"'1.5'", "text", rows.Text, rows.Int, "∅", ""}, {"'99999999999999999999'", "text", rows.Text, rows.Int, "∅", ""},
		{"12.5::numeric", "numeric", rows.Decimal, rows.Int, "13", ""}, {"1e30::numeric", "numeric", rows.Decimal, rows.Int, "∅", ""}, {"'NaN'::numeric", "numeric", rows.Decimal, rows.Int, "∅", ""},
		{"1e30::float8", "double precision", rows.Double, rows.Int, "∅", ""}, {"'NaN'::float8", "double precision", rows.Double, rows.Int, "∅", ""}, {"true", "boolean", rows.Bool, rows.Int, "1", ""},
		{"'1e3'", "text", rows.Text, rows.Decimal, "1000", ""}, {"'.5'", "text", rows.Text, rows.Decimal, "0.5", ""}, {"'1e999'", "text", rows.Text, rows.Decimal, "∅", ""}, {"'NaN'", "text", rows.Text, rows.Decimal, "∅", ""},
		{"0.1::float8", "double precision", rows.Double, rows.Decimal, "0.1", ""}, {"'Infinity'::float8", "double precision", rows.Double, rows.Decimal, "∅", ""}, {"1e29::numeric", "numeric", rows.Decimal, rows.Decimal, "∅", ""}, {"'NaN'::numeric", "numeric", rows.Decimal, rows.Decimal, "∅", ""},
		{"99999999999999999999999999999.9999999996", "numeric", rows.Decimal, rows.Decimal, "∅", ""},
		{"'1e400'", "text", rows.Text, rows.Double, "∅", ""}, {"'1e-400'", "text", rows.Text, rows.Double, "∅", ""}, {"' -1.5e3 '", "text", rows.Text, rows.Double, "-1500", ""}, {"'1.5.5'", "text", rows.Text, rows.Double, "∅", ""}, {"1e400::numeric", "numeric", rows.Decimal, rows.Double, "∅", ""},
		{"'yes'", "text", rows.Text, rows.Bool, "true", ""}, {"'F'", "text", rows.Text, rows.Bool, "false", ""}, {"'2'", "text", rows.Text, rows.Bool, "∅", ""}, {"2", "integer", rows.Int, rows.Bool, "true", ""},
		{"'2024-2-29'", "text", rows.Text, rows.Date, "2024-02-29", ""}, {"'2023-02-29'", "text", rows.Text, rows.Date, "∅", ""}, {"'1900-02-29'", "text", rows.Text, rows.Date, "∅", ""}, {"'2000-02-29'", "text", rows.Text, rows.Date, "2000-02-29", ""}, {"'2026/07/01'", "text", rows.Text, rows.Date, "2026-07-01", ""},
		{"'2026-04-31'", "text", rows.Text, rows.Date, "∅", ""}, {"'0000-01-01'", "text", rows.Text, rows.Date, "∅", ""}, {"'today'", "text", rows.Text, rows.Date, "∅", ""}, {"'infinity'", "text", rows.Text, rows.Date, "∅", ""}, {"'Jan 8 2026'", "text", rows.Text, rows.Date, "∅", ""}, {"'2026-07-01 12:00'", "text", rows.Text, rows.Date, "2026-07-01", ""},
		{"TIMESTAMPTZ '2026-07-01 01:00:00+02'", "timestamp with time zone", rows.Timestamp, rows.Date, "2026-06-30", ""},
		{"'2026-07-01 24:00:00'", "text", rows.Text, rows.Timestamp, "2026-07-02T00:00:00.000000Z", ""}, {"'2026-07-01 12:60:00'", "text", rows.Text, rows.Timestamp, "∅", ""}, {"'2026-07-01 12:00:60'", "text", rows.Text, rows.Timestamp, "∅", ""}, {"'2026-07-01 25:00'", "text", rows.Text, rows.Timestamp, "∅", ""},
		{"'2026-07-01T12:00:00 +05:30'", "text", rows.Text, rows.Timestamp, "2026-07-01T06:30:00.000000Z", "Europe/London"}, {"'2026-07-01T12:00:00+99'", "text", rows.Text, rows.Timestamp, "∅", ""}, {"'now'", "text", rows.Text, rows.Timestamp, "∅", ""},
		{"DATE '2026-07-01'", "date", rows.Date, rows.Timestamp, "2026-06-30T23:00:00.000000Z", "Europe/London"}, {"DATE '300000-01-01'", "date", rows.Date, rows.Timestamp, "∅", ""}, {"DATE 'infinity'", "date", rows.Date, rows.Timestamp, "∅", ""},
		{`'["a", 1]'::jsonb`, "jsonb", rows.JSON, rows.TextList, `["a","1"]`, ""}, {`'{"a": 1}'::json`, "json", rows.JSON, rows.TextList, "∅", ""}, {"'{a}'", "text", rows.Text, rows.TextList, "∅", ""},
		{"17::smallint", "", 0, rows.Decimal, "17", ""}, {"DATE '2026-07-01'", "", 0, rows.Int, "∅", ""},
	} {
		from := warehouse.NativeColumn{Name: "x", Native: n.native, Type: n.from}
		if !Dialect.CanFail(from, n.to) {
			t.Errorf("%s as %s cannot fail", n.native, n.to)
		}
		if got := texts(t, c, "SELECT "+Dialect.TryCast("x", from, n.to, n.zone)+" AS v FROM (SELECT "+n.expr+" AS x) AS a"); got[0] != n.want {
			t.Errorf("%s as %s: %s, want %s", n.expr, n.to, got[0], n.want)
		}
	}
}

// TestStrictTypes: a column that nobody cast is refused with its name and type.
func TestStrictTypes(t *testing.T) {
	c := fresh(t)
	for expr, native := range map[string]string{
		"1.5::numeric(10,2)": "numeric", "1::smallint": "int2", "1::real": "float4", "now()": "timestamptz", `'\x00'::bytea`: "bytea", "gen_random_uuid()": "uuid", "ARRAY[1]": "_int4", "ROW(1)": "record", "TIME '12:00:00'": "time", "'{}'::jsonb": "jsonb",
	} {
		_, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT " + expr + " AS odd_one"})
		if err == nil || !strings.Contains(err.Error(), `"odd_one"`) || !strings.Contains(err.Error(), native) {
			t.Errorf("%s: %v, want an error that names column and type", expr, err)
		}
	}
}

// TestNotJSON: what PostgreSQL holds and JSON cannot say.
func TestNotJSON(t *testing.T) {
	c := fresh(t)
	for _, n := range []struct {
		expr string
		t    rows.Type
		want string
	}{
		{"'nan'::float8", rows.Double, "true"}, {"'-infinity'::float8", rows.Double, "true"}, {"1.5::float8", rows.Double, "false"}, {"'NaN'::numeric", rows.Decimal, "true"}, {"1.5::numeric", rows.Decimal, "false"},
		{"'infinity'::timestamp", rows.Timestamp, "true"}, {"TIMESTAMP '12026-01-01'", rows.Timestamp, "true"}, {"TIMESTAMP '0044-03-15 BC'", rows.Timestamp, "true"}, {"TIMESTAMP '0001-01-01'", rows.Timestamp, "false"},
		{"'-infinity'::date", rows.Date, "true"}, {"DATE '9999-12-31'", rows.Date, "false"}, {"'NaN'::text", rows.Text, "false"}, {"1::bigint", rows.Int, "false"},
	} {
		if got := texts(t, c, "SELECT "+Dialect.NotJSON(n.expr, n.t)+" AS x"); got[0] != n.want {
			t.Errorf("%s: %s, want %s", n.expr, got[0], n.want)
		}
	}
}

// firstError reads a query until it fails.
func firstError(t testing.TB, c *Conn, sql string) (int, error) {
	t.Helper()
	r, err := c.Query(t.Context(), warehouse.Stmt{SQL: sql})
	if err != nil {
		return 0, err
	}
	n := 0
	for b, err := range r.Batches() {
		if err != nil {
			return n, err
		}
		n += b.Len()
		b.Release()
	}
	return n, nil
}
