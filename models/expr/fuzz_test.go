package expr_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weir-data/weir/models/expr"
)

// FuzzParse: whatever a text holds, nothing panics; what is wrong has a place
// inside the text; what parses is formatted to the same, and what has a type is
// printed in every dialect.
func FuzzParse(f *testing.F) {
	for _, file := range []string{truthFile, findingFile, "testdata/operators.txt"} {
		for line := range strings.SplitSeq(string(mustRead(f, file)), "\n") {
			text, _, _ := strings.Cut(line, " | ")
			f.Add(inside(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, errs := expr.Parse(text)
		placed(t, text, errs)
		if len(errs) > 0 {
			return
		}
		formatted := expr.Format(e)
		again, errs := expr.Parse(formatted)
		if len(errs) > 0 {
			if errs[0].Code != "expr.too_large" { // words grow where they are spelled out
				t.Fatalf("%q became %q: %v", text, formatted, errs)
			}
			return
		}
		if f := expr.Format(again); f != formatted {
			t.Fatalf("%q became %q, then %q", text, formatted, f)
		}
		for _, s := range []expr.Scope{scope, grouped()} {
			ty, errs := expr.Check(e, s)
			placed(t, text, errs)
			if len(errs) > 0 {
				continue
			}
			for _, d := range expr.Dialects {
				sql := sqlOf(t, d, ty)
				if utf8.ValidString(text) && !utf8.ValidString(sql) {
					t.Fatalf("%q in %s is not UTF-8", text, d)
				}
			}
		}
	})
}

// placed checks that errors say something, and where.
func placed(t *testing.T, text string, errs []expr.Error) {
	t.Helper()
	for _, e := range errs {
		if e.Code == "" || e.Message == "" || e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(text) {
			t.Fatalf("%q: %+v", text, e)
		}
	}
}
