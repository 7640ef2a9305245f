package warehouse

import (
	"strings"
	"testing"
	"time"
)

var plain = &Dialect{Quote: func(n string) string { return "<" + n + ">" }, String: func(s string) string { return "'" + s + "'" }}

func TestWriter(t *testing.T) {
	w := NewWriter(plain)
	w.Comment("one\ntwo").With([]CTE{{Name: "a", Comment: "the first", SQL: "SELECT 1\nFROM x\n"}, {Name: "b", SQL: "SELECT 'l\n  m' -- own\n", Verbatim: true}})
	w.Line("SELECT").In(func() { w.List([]string{"p", "q\n+ r", "s"}) }).Line("FROM ", plain.Table(Table{"sch", "tab"}))
	want := `-- one
-- two
-- the first
WITH a AS (
  SELECT 1
  FROM x
),
b AS (
SELECT 'l
  m' -- own
)
SELECT
  p,
  q
  + r,
  s
FROM <sch>.<tab>
`
	if got := w.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := NewWriter(plain).With(nil).String(); got != "" {
		t.Errorf("%q", got)
	}
}

func TestLiterals(t *testing.T) {
	for want, v := range map[string]any{"NULL": nil, "'x'": "x", "TRUE": true, "FALSE": false, "42": 42, "-7": int64(-7), "18446744073709551615": uint64(1<<64 - 1)} {
		if got := plain.Literal(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	if got := plain.Ident("", "a", "", "b"); got != "<a>.<b>" {
		t.Error(got)
	}
	if (Table{Name: "t"}).String() != "t" || (Table{"s", "t"}).String() != "s.t" {
		t.Error("a table's name")
	}
}

// TestLockedError names the process as far as it is known.
func TestLockedError(t *testing.T) {
	for _, c := range []struct {
		e    LockedError
		want string
	}{
		{LockedError{Path: "a.duckdb"}, "another process has the database file a.duckdb open"},
		{LockedError{Path: "a.duckdb", PID: 7}, "process 7 has the"},
		{LockedError{Path: "a.duckdb", PID: 7, Command: "weir serve", Since: time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC)}, "process 7 (weir serve), running since 09:05:00 on 2026-03-01, has the"},
	} {
		if got := c.e.Error(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s", got)
		}
	}
}
