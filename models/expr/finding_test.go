package expr_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models/expr"
)

const findingFile = "testdata/findings.txt"

// TestFindings: what is wrong with an expression is told in one sentence, with
// its place and a way out. A line of the file is an expression, "value:" before
// it makes it one for all rows, "where:" a condition; what is told follows, indented.
func TestFindings(t *testing.T) {
	want := read(t, findingFile)
	var b strings.Builder
	for line := range strings.SplitSeq(want, "\n") {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		b.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		errs := complaints(line)
		if len(errs) == 0 {
			t.Errorf("%s: nothing is wrong with it", line)
		}
		for _, e := range errs {
			text := inside(line)
			if e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(text) || e.Code == "" || e.Message == "" || strings.HasSuffix(e.Message, ".") {
				t.Errorf("%s: %+v says too little, or points outside", line, e)
				continue
			}
			fmt.Fprintf(&b, "    %s at %d «%s»: %s\n", e.Code, e.Offset, text[e.Offset:e.Offset+e.Length], e.Message)
			if e.Hint != "" {
				fmt.Fprintf(&b, "    → %s\n", e.Hint)
			}
		}
	}
	got := strings.TrimRight(b.String(), "\n")
	if *update {
		if err := os.WriteFile(findingFile, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-update rewrites it)\n%s", findingFile, diff)
	}
}

// inside is the expression of a line.
func inside(line string) string {
	for _, p := range []string{"value: ", "where: "} {
		if rest, ok := strings.CutPrefix(line, p); ok {
			return rest
		}
	}
	return strings.ReplaceAll(line, "␀", "\x00")
}

func complaints(line string) []expr.Error {
	e, errs := expr.Parse(inside(line))
	if len(errs) > 0 {
		return errs
	}
	switch {
	case strings.HasPrefix(line, "value: "):
		_, errs = expr.Check(e, grouped())
	case strings.HasPrefix(line, "where: "):
		_, errs = expr.CheckBool(e, scope)
	default:
		_, errs = expr.Check(e, scope)
	}
	return errs
}

// TestPlace: an error points into the YAML, also over several lines and wide characters.
func TestPlace(t *testing.T) {
	at := diag.Place{File: "models/m.yml", Line: 4, Col: 12}
	for _, c := range []struct {
		text string
		want diag.Place
	}{
		{"nosuch", diag.Place{File: "models/m.yml", Line: 4, Col: 12, End: 18}},
		{"'日本' || nosuch", diag.Place{File: "models/m.yml", Line: 4, Col: 20, End: 26}},
		{"name ||\nnosuch", diag.Place{File: "models/m.yml", Line: 5, Col: 12, End: 18}},
		{"name ||\n  lower(\nnosuch)", diag.Place{File: "models/m.yml", Line: 6, Col: 12, End: 18}},
		{"name ||", diag.Place{File: "models/m.yml", Line: 4, Col: 19, End: 20}},
	} {
		errs := complaints(c.text)
		fs := expr.Findings(errs, c.text, at, "trait t")
		if len(fs) != 1 || fs[0].Place != c.want || fs[0].Subject != "trait t" || fs[0].Severity != diag.Error {
			t.Errorf("%q: %+v, want %+v", c.text, fs, c.want)
		}
	}
	if p := (expr.Error{Offset: 3}).Place("abcdef", diag.Place{File: "x"}); p != (diag.Place{File: "x"}) {
		t.Errorf("%+v: a place that is not known became one", p)
	}
}

// TestColumns: an expression's columns, as written and as the warehouse has them.
func TestColumns(t *testing.T) {
	e, errs := expr.Parse(`case when Name = 'a' then "Order Total" + orders.n else amount end + AMOUNT + n`)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var got []string
	for _, r := range expr.Columns(e) {
		got = append(got, r.Source+"/"+r.Column)
	}
	if want := "/Name /Order Total orders/n /amount /AMOUNT /n"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
	s := expr.Scope{Columns: []expr.Column{{Source: "orders", Name: "NAME", Type: rows.Text}, {Source: "orders", Name: "n", Type: rows.Int}, {Source: "orders", Name: "Order Total", Type: rows.Int}, {Source: "crm", Name: "amount", Type: rows.Int}}}
	ty, errs := expr.Check(e, s)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	got = nil
	for _, c := range ty.Columns() {
		got = append(got, c.Source+"/"+c.Name)
	}
	if want := "orders/NAME orders/Order Total orders/n crm/amount"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
}

// TestScope: which of several columns a name means.
func TestScope(t *testing.T) {
	s := expr.Scope{Columns: []expr.Column{{Source: "a", Name: "x", Type: rows.Int}, {Source: "b", Name: "x", Type: rows.Text}, {Source: "b", Name: "Y", Type: rows.Bool}, {Source: "b", Name: "y", Type: rows.Date}, {Source: "b", Name: "Z", Type: rows.Int}, {Source: "b", Name: "z", Type: rows.Int}}}
	for text, want := range map[string]string{"a.x": "bigint", "B.X": "text", "y": "date", `b."Y"`: "bool", "x": "expr.ambiguous", "c.x": "expr.unknown_column", "a.y": "expr.unknown_column", `"Z"`: "bigint"} {
		e, errs := expr.Parse(text)
		if len(errs) == 0 {
			var ty *expr.Typed
			if ty, errs = expr.Check(e, s); len(errs) == 0 {
				if ty.Type.String() != want {
					t.Errorf("%s is %s, want %s", text, ty.Type, want)
				}
				continue
			}
		}
		if errs[0].Code != want {
			t.Errorf("%s: %v, want %s", text, errs, want)
		}
	}
}

// TestCondition: a where is true or false, never unknown.
func TestCondition(t *testing.T) {
	c := expr.OpenEmpty(t)
	p, err := expr.For(c.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"1 = 1": "true", "1 = 2": "false", "1 = cast(null as bigint)": "false", "not 1 = cast(null as bigint)": "false"} {
		sql, err := p.Condition(typed(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := one(t.Context(), c, sql+" AS v", rows.Bool); got != want || err != nil {
			t.Errorf("%s is %s (%v), want %s", text, got, err, want)
		}
	}
	if _, err := p.Condition(typed(t, "1")); err == nil {
		t.Error("a number was taken for a condition")
	}
	if _, err := p.Value(typed(t, "as_of()")); err == nil || !strings.Contains(err.Error(), "as_of()") {
		t.Errorf("%v, want an error about as_of()", err)
	}
	if _, err := expr.NewPrinter("oracle"); err == nil || !strings.Contains(err.Error(), "duckdb") {
		t.Errorf("%v, want an error that names the dialects", err)
	}
}

// TestRaw: SQL by dialect.
func TestRaw(t *testing.T) {
	r, errs := expr.NewRaw(map[string]string{"duckdb": "epoch(x)", "bigquery": "UNIX_SECONDS(x)"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if sql, e := r.For("duckdb"); sql != "epoch(x)" || e != nil {
		t.Error(sql, e)
	}
	if _, e := r.For("trino"); e == nil || e.Code != "expr.raw_missing" || e.Hint != "add it beside that for bigquery, duckdb" {
		t.Error(e)
	}
	for _, texts := range []map[string]string{{"duckdbb": "x"}, {"duckdb": " "}, {}} {
		if _, errs := expr.NewRaw(texts); len(errs) != 1 || errs[0].Hint == "" {
			t.Errorf("%v: %v", texts, errs)
		}
	}
}
