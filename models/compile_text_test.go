package models

import (
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func TestReferences(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT * FROM {a} JOIN {b_2} USING (x)":        "a b_2",
		"SELECT '{a}', \"{b}\", `{c}` FROM {d}":         "d",
		"SELECT 1 -- {a}\nFROM {b} /* {c} */":           "b",
		"SELECT 'it''s {a}' || {b}":                     "b",
		"SELECT {'k': 1}, {A}, {}, { a }, {a b} FROM x": "",
		"SELECT $$ {a} $$, $tag$ {b} $tag$, {c}":        "c",
		"SELECT $1, {a}, '$' FROM {b}":                  "a b",
		"SELECT {a":                                     "",
		"SELECT '{a}":                                   "",
		"-- {a}":                                        "",
		"":                                              "",
	} {
		var got []string
		for _, r := range References(sql) {
			got = append(got, r.Name)
			if sql[r.From:r.To] != "{"+r.Name+"}" {
				t.Errorf("%q: %q at %d:%d", sql, r.Name, r.From, r.To)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
}

func FuzzReferences(f *testing.F) {
	for _, s := range []string{"SELECT {a} '{b}' -- {c}\n", "$x$ {a} $x$;", "/* {", "'", "`a``b` {c};;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		same := replaceReferences(sql, func(r Reference) string { return sql[r.From:r.To] })
		if same != sql {
			t.Errorf("%q became %q", sql, same)
		}
		own := ownText(&Source{SQL: map[string]string{"default": sql}}, "x")
		if at := lastSemicolon(own); at >= 0 {
			t.Errorf("%q still ends in a semicolon", own)
		}
	})
}

func TestOwnText(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1;": "SELECT 1", "SELECT 1 ; ;\n": "SELECT 1", "SELECT 1; -- done": "SELECT 1  -- done", "SELECT 1 /* ; */": "SELECT 1 /* ; */",
		"SELECT ';'": "SELECT ';'", "SELECT 1; SELECT 2": "SELECT 1; SELECT 2", "SELECT 1; SELECT 2;": "SELECT 1; SELECT 2", "\n  SELECT 1": "\n  SELECT 1", "SELECT a / b;": "SELECT a / b",
	} {
		if got := ownText(&Source{SQL: map[string]string{"default": sql}}, "duckdb"); got != want {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
	both := &Source{SQL: map[string]string{"default": "SELECT 1", "duckdb": "SELECT 2"}}
	if ownText(both, "duckdb") != "SELECT 2" || ownText(both, "other") != "SELECT 1" {
		t.Error("the dialect's own text goes first")
	}
}

// TestPlaceOf: a complaint about a statement is found again in the text as it
// was written, behind names that grew.
func TestPlaceOf(t *testing.T) {
	base := &Source{Meta: Meta{Name: "orders"}, Table: "shop.orders"}
	text := "SELECT 'é', {orders}.a, nosuch\nFROM {orders}\nWHERE nosuch = 1"
	src := &Source{Meta: Meta{Name: "big"}, SQL: map[string]string{"default": text}, SQLPlace: diag.Place{File: "models/m.yml", Line: 11, Col: 7}}
	p := &Project{Sources: []*Source{base, src}}
	d := &warehouse.Dialect{Name: "duckdb", Quote: func(s string) string { return s }}
	statement, fs := SourceSQL(p, src, d)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	own := OwnSQLs(p, src, d)
	if len(own) != 1 || own[0].Source != src {
		t.Fatalf("%+v", own)
	}
	before, _, _ := strings.Cut(statement, own[0].SQL)
	first := strings.Count(before, "\n") + 1
	for _, c := range []struct{ line, col, wantLine, wantCol int }{
		{first, 1, 11, 7},
		{first, len([]rune("SELECT 'é', ")) + 1, 11, 7 + 12},                          // {orders}
		{first, len([]rune("SELECT 'é', source_orders.a, ")) + 1, 11, 7 + 12 + 8 + 4}, // nosuch
		{first + 1, len("FROM source_orders") + 0, 12, 7 + 5},                         // within the name
		{first + 2, len("WHERE ") + 1, 13, 7 + 6},
	} {
		got, which, ok := PlaceOf(own, statement, c.line, c.col)
		if !ok || which != src || got.File != "models/m.yml" || got.Line != c.wantLine || got.Col != c.wantCol {
			t.Errorf("%d:%d: %+v %v, want %d:%d", c.line-first+1, c.col, got, ok, c.wantLine, c.wantCol)
		}
	}
	for _, line := range []int{1, first - 1, first + 3, 1000} {
		if got, _, ok := PlaceOf(own, statement, line, 1); ok {
			t.Errorf("line %d is %+v, want none", line, got)
		}
	}
}

func TestTableParts(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "a.b": "a|b", "a.b.c": "a|b|c", `"a.b".c`: "a.b|c", "`a-b`.c": "a-b|c", `"a""b"`: `a"b`, "a . b": "a|b",
		"": "", "a.": "", ".a": "", "a..b": "", `"a`: "", `"a"b`: "", "a.b.c.d": "", `""`: "",
	} {
		parts, ok := tableParts(name)
		if got := strings.Join(parts, "|"); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", name, got, ok, want)
		}
	}
}

func TestConstantOf(t *testing.T) {
	for value, want := range map[string]struct {
		t    rows.Type
		text string
	}{
		`"lead"`: {rows.Text, "lead"}, `""`: {rows.Text, ""}, "null": {rows.Text, ""}, "true": {rows.Bool, "true"}, "42": {rows.Int, "42"}, "-9223372036854775808": {rows.Int, "-9223372036854775808"},
		"9223372036854775808": {rows.Decimal, "9223372036854775808"}, "1.50": {rows.Decimal, "1.50"}, "0.1234567891": {rows.Double, "0.1234567891"}, "1e5": {rows.Double, "1e5"}, "1e999": {rows.JSON, "1e999"},
		`{"a":1}`: {rows.JSON, `{"a":1}`}, "[1]": {rows.JSON, "[1]"},
	} {
		if got, text := constantOf(value); got != want.t || text != want.text {
			t.Errorf("%s: %s %q, want %s %q", value, got, text, want.t, want.text)
		}
	}
}
