package duckdb

import (
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// natives are columns of DuckDB's own types: what they are called, what they
// become, and whether every value of the type has a place there.
var natives = []struct {
	expr, native string
	want         rows.Type
	canFail      bool
	json         string // of the value, cast
}{
	{"42::TINYINT", "TINYINT", rows.Int, false, "42"},
	{"42::SMALLINT", "SMALLINT", rows.Int, false, "42"},
	{"42::INTEGER", "INTEGER", rows.Int, false, "42"},
	{"42::BIGINT", "BIGINT", rows.Int, false, "42"},
	{"200::UTINYINT", "UTINYINT", rows.Int, false, "200"},
	{"4000000000::UINTEGER", "UINTEGER", rows.Int, false, "4000000000"},
	{"18446744073709551615::UBIGINT", "UBIGINT", rows.Decimal, false, "18446744073709551615"},
	{"99999999999999999999999999999::HUGEINT", "HUGEINT", rows.Decimal, true, "99999999999999999999999999999"},
	{"99999999999999999999999999999::UHUGEINT", "UHUGEINT", rows.Decimal, true, "99999999999999999999999999999"},
	{"12.50::DECIMAL(10,2)", "DECIMAL(10,2)", rows.Decimal, false, "12.5"},
	{"12.50::DECIMAL(4,2)", "DECIMAL(4,2)", rows.Decimal, false, "12.5"},
	{"12.50::DECIMAL(38,2)", "DECIMAL(38,2)", rows.Decimal, true, "12.5"},
	{"1.5::FLOAT", "FLOAT", rows.Double, false, "1.5"},
	{"0.1::DOUBLE", "DOUBLE", rows.Double, false, "0.1"},
	{"true", "BOOLEAN", rows.Bool, false, "true"},
	{"'x'::VARCHAR", "VARCHAR", rows.Text, false, `"x"`},
	{"'abc'::BLOB", "BLOB", rows.Text, false, `"YWJj"`},
	{"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::UUID", "UUID", rows.Text, false, `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`},
	{"'b'::ENUM('a', 'b')", "ENUM", rows.Text, false, `"b"`},
	{"TIME '12:34:56'", "TIME", rows.Text, false, `"12:34:56"`},
	{"INTERVAL 90 DAY", "INTERVAL", rows.Text, false, `"90 days"`},
	{"'101'::BIT", "BIT", rows.Text, false, `"101"`},
	{"DATE '1960-01-31'", "DATE", rows.Date, false, `"1960-01-31"`},
	{"TIMESTAMP '2026-07-01 12:00:00.5'", "TIMESTAMP", rows.Timestamp, false, `"2026-07-01T12:00:00.500000Z"`},
	{"TIMESTAMP_S '2026-07-01 12:00:00'", "TIMESTAMP_S", rows.Timestamp, true, `"2026-07-01T12:00:00.000000Z"`},
	{"TIMESTAMP_NS '2026-07-01 12:00:00.123456789'", "TIMESTAMP_NS", rows.Timestamp, true, `"2026-07-01T12:00:00.123456Z"`},
	{"TIMESTAMPTZ '2026-07-01 12:00:00+02'", "TIMESTAMP WITH TIME ZONE", rows.Timestamp, false, `"2026-07-01T10:00:00.000000Z"`},
	{"'{\"a\": [1, 2]}'::JSON", "JSON", rows.JSON, false, `{"a":[1,2]}`},
	{"'[1,]'::JSON", "JSON", rows.JSON, false, `[1]`},
	{"'{\"id\": 12345678901234567890123}'::JSON", "JSON", rows.JSON, false, `{"id": 12345678901234567890123}`},
	{"['a', 'b']", "VARCHAR[]", rows.TextList, false, `["a","b"]`},
	{"[1, 2]", "INTEGER[]", rows.JSON, false, `[1,2]`},
	{"{'a': 1, 'b': NULL}", "STRUCT", rows.JSON, false, `{"a":1,"b":null}`},
	{"MAP {'k': 1.5}", "MAP", rows.JSON, false, `{"k":1.5}`},
	{"[[1], [2]]", "INTEGER[][]", rows.JSON, false, `[[1],[2]]`},
	{"array_value('a', 'b')", "ARRAY", rows.JSON, false, `["a","b"]`},
}

func TestNativeTypes(t *testing.T) {
	c := open(t, ":memory:")
	for _, n := range natives {
		sql := "SELECT " + n.expr + " AS x"
		cols, err := c.Describe(t.Context(), warehouse.Stmt{SQL: sql})
		if err != nil {
			t.Errorf("%s: %v", n.expr, err)
			continue
		}
		got := cols[0]
		if got.Native != n.native || got.Type != n.want || Dialect.CanFail(got, n.want) != n.canFail {
			t.Errorf("%s: described as %+v, can fail %v", n.expr, got, Dialect.CanFail(got, n.want))
		}
		for _, cast := range []func(string, warehouse.NativeColumn, rows.Type, string) string{Dialect.Cast, Dialect.TryCast} {
			col := cell(t, c, "SELECT "+cast("x", got, n.want, "")+" AS v FROM ("+sql+") AS s")
			if col.Type != n.want {
				t.Errorf("%s: came as %s, want %s", n.expr, col.Type, n.want)
			}
			if j := string(col.AppendJSON(nil, 0)); j != n.json {
				t.Errorf("%s: %s, want %s", n.expr, j, n.json)
			}
		}
	}
}

// cell is the only column of a query.
func cell(t *testing.T, c *Conn, sql string) *rows.Field {
	t.Helper()
	r, err := c.Query(t.Context(), warehouse.Stmt{SQL: sql})
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	var out *rows.Field
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		out = b.At(0) // the batch is left to the garbage collector
	}
	return out
}

// TestStrictTypes: a column that nobody cast is refused with its name and type.
func TestStrictTypes(t *testing.T) {
	c := open(t, ":memory:")
	for expr, native := range map[string]string{
		"1.5::DECIMAL(10,2)": "DECIMAL(10,2)", "1::SMALLINT": "SMALLINT", "1::UBIGINT": "UBIGINT", "1::FLOAT": "FLOAT", "now()": "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS '2026-01-01 00:00:00'": "TIMESTAMP_NS",
		"'x'::BLOB": "BLOB", "uuid()": "UUID", "[1]": "INTEGER[]", "{'a': 1}": "STRUCT", "TIME '12:00:00'": "TIME", "'a'::ENUM('a')": "ENUM",
	} {
		_, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT " + expr + " AS odd_one"})
		if err == nil || !strings.Contains(err.Error(), `"odd_one"`) || !strings.Contains(err.Error(), native) {
			t.Errorf("%s: %v, want an error that names column and type", expr, err)
		}
	}
	r, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT 99999999999999999999::HUGEINT AS too_big"})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range r.Batches() {
	}
	if err == nil || !strings.Contains(err.Error(), "too_big") {
		t.Errorf("%v, want an error that names the column", err)
	}
}

// TestNotJSON: what DuckDB holds and JSON cannot say.
func TestNotJSON(t *testing.T) {
	c := open(t, ":memory:")
	for _, n := range []struct {
		expr string
		t    rows.Type
		want bool
	}{
		{"'nan'::DOUBLE", rows.Double, true}, {"'-inf'::DOUBLE", rows.Double, true}, {"1.5::DOUBLE", rows.Double, false},
		{"'infinity'::TIMESTAMP", rows.Timestamp, true}, {"TIMESTAMP '12026-01-01'", rows.Timestamp, true}, {"TIMESTAMP '0044-03-15 (BC)'", rows.Timestamp, true}, {"TIMESTAMP '0001-01-01'", rows.Timestamp, false},
		{"'-infinity'::DATE", rows.Date, true}, {"DATE '9999-12-31'", rows.Date, false},
		{"'NaN'::JSON", rows.JSON, true}, {"'{\"a\":[1,-Infinity]}'::JSON", rows.JSON, true}, {"'[1,]'::JSON", rows.JSON, true}, {"'{\"a\":1 , }'::JSON", rows.JSON, true},
		{"'{\"nan\":\"a\\\",]inf\"}'::JSON", rows.JSON, false}, {"'\"Infinity, and NaN\"'::JSON", rows.JSON, false}, {"'\"fin\\\\\"'::JSON", rows.JSON, false}, {"'[null, true]'::JSON", rows.JSON, false},
		{"'NaN'", rows.Text, false}, {"1::BIGINT", rows.Int, false},
	} {
		if got := cell(t, c, "SELECT "+Dialect.NotJSON(n.expr, n.t)+" AS x").Bool(0); got != n.want {
			t.Errorf("%s: %v, want %v", n.expr, got, n.want)
		}
	}
}

// TestHashScheme: the stored name of the hash follows the engine.
func TestHashScheme(t *testing.T) {
	for version, want := range map[string]string{"v1.5.5": "duckdb/hash/1.5/1", "v2.0.0-dev12": "duckdb/hash/2.0/1", "1.10": "duckdb/hash/1.10/1"} {
		if got := hashScheme(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}
