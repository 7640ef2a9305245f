package expr

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weir-data/weir/internal/rows"
)

// update is the flag of the external tests, which are in the same binary.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// spelled are the expressions of the golden files: every form of every
// function, every cast, and what operators and names have of their own.
func spelled(t *testing.T) []*Typed {
	t.Helper()
	var out []*Typed
	for i := range Functions {
		for _, n := range samples(&Functions[i]) {
			out = append(out, mustCheck(t, n))
		}
	}
	for _, from := range anything[:7] {
		for _, to := range castTypes {
			typ, _ := rows.ParseType(to)
			if _, ok := castSpelling(from, typ); ok {
				out = append(out, mustCheck(t, &Cast{X: sampleColumn(from, 0), Type: typ}))
			}
		}
	}
	text, err := os.ReadFile("testdata/operators.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		e, errs := Parse(line)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", line, errs)
		}
		out = append(out, mustCheck(t, e.Root))
	}
	for _, name := range evilNames {
		s := Scope{Columns: []Column{{Source: name, Name: name, Type: rows.Text}}}
		ty, errs := Check(Build(&Binary{Op: "=", L: &Ref{Source: name, Column: name}, R: &Literal{Type: rows.Text, Value: name}}), s)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		out = append(out, ty)
	}
	return out
}

// evilNames are names and texts that would do harm where they are pasted.
var evilNames = []string{`"`, `'`, "`", `\`, `a"b'c` + "`d", `x"; DROP TABLE t; --`, `x'; DROP TABLE t; --`, "x`; DROP TABLE t; --", `\'; DROP TABLE t; --`, `\"`, "/* x */", "-- x", "order", "select", "null", "Order Total", "naïve", "日本語", "🤦🏽", "a.b", "{1}", "%s", "$1", ":x", "@x", "?", " ", "a\tb", "line\nbreak", "\r\n", "\u202egnirts", "ＦＵＬＬ", "İ"}

// TestSpellings: what every dialect makes of every function, as golden files.
func TestSpellings(t *testing.T) {
	list := spelled(t)
	for _, name := range Dialects {
		p, err := NewPrinter(name)
		if err != nil {
			t.Fatal(err)
		}
		p.AsOf = time.Date(2026, 3, 29, 0, 30, 0, 500_000_000, time.UTC)
		var b strings.Builder
		for _, ty := range list {
			sql, err := p.Value(ty)
			if err != nil {
				t.Fatalf("%s in %s: %v", ty.Expr.Text, name, err)
			}
			fmt.Fprintf(&b, "%s\n    %s\n", strings.NewReplacer("\n", "␊", "\r", "␍").Replace(ty.Expr.Text), sql)
		}
		golden(t, filepath.Join("testdata", "spelled", name+".txt"), b.String())
	}
}

// golden compares a text with a file, or rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if update() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-update rewrites it)\n%s", path, diff)
	}
}

// TestSpelledEverywhere: no dialect lacks a spelling, and no spelling a hole that is never filled.
func TestSpelledEverywhere(t *testing.T) {
	hole := regexp.MustCompile(`\{(\d)`)
	for i := range Functions {
		f := &Functions[i]
		for j := range f.Forms {
			form := &f.Forms[j]
			for _, d := range Dialects {
				s := form.Spell.of(d)
				if s == "" {
					t.Errorf("%s has no spelling for %s", f.Usage(form), d)
				}
				var used []string
				for _, m := range hole.FindAllStringSubmatch(s, -1) {
					used = append(used, m[1])
				}
				for k := range form.Params {
					if !strings.Contains(s, "{*") && !slices.Contains(used, fmt.Sprint(k+1)) && form.Params[k].Needs != needWeek && form.Params[k].Needs != needDay && form.Params[k].Needs != needYear && form.Params[k].Name != "digits" {
						t.Errorf("%s in %s leaves out %s: %s", f.Usage(form), d, form.Params[k].Name, s)
					}
				}
			}
			if form.Optional > 0 && form.Short == nil {
				t.Errorf("%s has no spelling without its last parameters", f.Usage(form))
			}
		}
	}
}

// TestDeclared: every function says all that the reference shows.
func TestDeclared(t *testing.T) {
	seen := map[string]bool{}
	for i := range Functions {
		f := &Functions[i]
		if seen[f.Name] || f.Name != strings.ToLower(f.Name) || slices.Contains(reserved, f.Name) {
			t.Errorf("%s: not a name of its own", f.Name)
		}
		seen[f.Name] = true
		if f.Group == "" || !strings.HasSuffix(f.Doc, ".") || f.Example == "" || otherNames[f.Name] != "" {
			t.Errorf("%s says too little: %+v", f.Name, f)
		}
		e, errs := Parse(f.Example)
		if len(errs) > 0 {
			t.Errorf("%s: %v", f.Example, errs)
			continue
		}
		mustCheck(t, e.Root)
	}
	for other, hint := range otherNames {
		if slices.Contains(clocks, other) || !strings.ContainsAny(hint, "( ") {
			t.Errorf("%s: %q is no hint", other, hint)
		}
	}
}

// TestReference holds docs/expressions.md to the declarations.
func TestReference(t *testing.T) {
	golden(t, filepath.Join("..", "..", "docs", "expressions.md"), string(Reference()))
}
