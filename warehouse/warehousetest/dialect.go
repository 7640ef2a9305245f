package warehousetest

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// types are all of Weir's.
var types = []rows.Type{rows.Text, rows.Int, rows.Double, rows.Decimal, rows.Bool, rows.Date, rows.Timestamp, rows.JSON, rows.TextList}

// awkwardTexts have been trouble somewhere.
var awkwardTexts = []string{"", " ", "plain", "it's", `"quoted"`, `back\slash`, `\`, `\'`, "line\nbreak", "\r\n", "tab\tstop", "-- no comment", "/* nor */ this", "$$", "$1", "%s %", "{orders}", "?", ":name",
	"café", "日本語", "😀 emoji", "\u2028\u2029", "\u00a0", "\x01\x1f\x7f", "a\u0301", "<script>&amp;</script>", strings.Repeat("long ", 5000)}

// awkwardNames are names of columns and of JSON members.
var awkwardNames = []string{"plain", "select", "UPPER", "with space", "a.b", "a[0]", "0", "*", "$", "$.x", `a"b`, "a'b", `a\b`, "a/b", "a~b", "~1", "é", "日本", "😀", "a--b", "a:b", "{x}", "%"}

func dialectTopic(s *suite) {
	s.run("complete", complete)
	s.run("literals", func(s *suite) {
		vs := make([]value, len(awkwardTexts))
		for i, x := range awkwardTexts {
			vs[i] = value{"a literal", s.d.String(x), x}
		}
		s.values(vs)
	})
	s.run("literals in indented SQL", func(s *suite) {
		w := warehouse.NewWriter(s.d)
		w.Line("SELECT").In(func() { w.In(func() { w.Line(s.d.String("a\nb\n  c"), " AS x") }) })
		if got := s.query(w.String()); got[0][0] != "a\nb\n  c" {
			s.Errorf("%q", got[0][0])
		}
	})
	s.run("a NUL in a literal is kept, or refused", func(s *suite) {
		got, err := s.tryQuery("SELECT " + s.d.String("a\x00b") + " AS x")
		if err == nil && (len(got) != 1 || got[0][0] != "a\x00b") {
			s.Errorf("%q, and no error", got)
		}
	})
	s.run("a NUL in SQL is refused", func(s *suite) {
		if got, err := s.tryQuery("SELECT 'a' AS x \x00 'b'"); err == nil {
			s.Errorf("%q, and no error", got)
		}
	})
	s.run("names", names)
	s.run("other spellings", spellings)
	s.run("NULLs stand last", func(s *suite) {
		n := "CAST(NULL AS " + s.d.TypeNames[rows.Int] + ")"
		for dir, want := range map[string]string{s.d.Descending: "[[2] [1] [∅]]", "": "[[1] [2] [∅]]"} {
			if got := s.query("SELECT i FROM (SELECT " + n + " AS i UNION ALL SELECT 1 AS i UNION ALL SELECT 2 AS i) AS u ORDER BY i " + dir); fmt.Sprint(got) != want {
				s.Errorf("ORDER BY %s: %v, want %s", dir, got, want)
			}
		}
	})
}

// mayLack are the fields that an engine may leave out: see their comments.
var mayLack = map[string]bool{"Files": true, "Once": true, "RowLock": true}

// complete finds what a dialect leaves out.
func complete(s *suite) {
	v := reflect.ValueOf(*s.d)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; !mayLack[name] && v.Field(i).IsZero() {
			s.Errorf("Dialect.%s is not set", name)
		}
	}
	for _, t := range types {
		if s.d.TypeNames[t] == "" {
			s.Errorf("Dialect.TypeNames has no %s", t)
		}
	}
	if t := s.d.HashType; t != rows.Int && t != rows.Text {
		s.Errorf("a hash is a bigint or text, not %s", t)
	}
}

// names holds names of any shape to be quoted, in tables and in queries.
func names(s *suite) {
	cols := make([]rows.Column, len(awkwardNames))
	b := make([]string, len(awkwardNames))
	for i, n := range awkwardNames {
		cols[i] = rows.Column{Name: n, Type: rows.Text}
		b[i] = s.d.String(n)
	}
	t := s.table(cols...)
	s.exec("INSERT INTO " + s.d.Table(t) + " VALUES (" + strings.Join(b, ", ") + ")")
	r, err := s.conn.Query(s.ctx, warehouse.Stmt{SQL: "SELECT * FROM " + s.d.Table(t)})
	if err != nil {
		s.Fatal(err)
	}
	for batch, err := range r.Batches() {
		if err != nil {
			s.Fatal(err)
		}
		for _, n := range awkwardNames {
			if f, ok := batch.Field(n); !ok || f.Text(0) != n {
				s.Errorf("column %q is not there, or holds another's value", n)
			}
		}
		batch.Release()
	}
}

func spellings(s *suite) {
	d := s.d
	at := d.Timestamp("2026-03-01T12:00:00.000001Z")
	vs := []value{
		{"a timestamp", at, "2026-03-01T12:00:00.000001Z"},
		{"before 1970", d.Timestamp("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z"},
		{"a minute later", d.AddSeconds(at, 60), "2026-03-01T12:01:00.000001Z"},
		{"a day earlier", d.AddSeconds(at, -86400), "2026-02-28T12:00:00.000001Z"},
		{"the clock", truth(d.Now + " > " + d.Timestamp("2024-01-01T00:00:00Z")), "true"},
		{"texts joined", d.ConcatSkipNull(",", []string{"'a'", "CAST(NULL AS " + d.TypeNames[rows.Text] + ")", "'b'"}), "a,b"},
		{"one text joined", d.ConcatSkipNull(",", []string{"'a'"}), "a"},
		{"no text joined", d.ConcatSkipNull(",", []string{"CAST(NULL AS " + d.TypeNames[rows.Text] + ")"}), ""},
		{"an empty text joined", d.ConcatSkipNull(",", []string{"'a'", "''", "'b'"}), "a,,b"},
		{"literal NULL", "CAST(" + d.Literal(nil) + " AS " + d.TypeNames[rows.Text] + ")", null},
		{"literal true", truth(d.Literal(true)), "true"},
		{"literal false", truth(d.Literal(false)), "false"},
		{"literal number", d.Text("CAST("+d.Literal(int64(-42))+" AS "+d.TypeNames[rows.Int]+")", rows.Int), "-42"},
	}
	s.values(vs)
	got := s.query("SELECT " + d.Now + " AS t")
	if len(got[0][0]) != len("2006-01-02T15:04:05.000000Z") {
		s.Errorf("the clock is %s, want a timestamp of Weir's", got[0][0])
	}
}
