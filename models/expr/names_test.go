package expr

import (
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/rows"
)

// TestNamesAndTexts: names and texts of any kind come to the engine as they are,
// in expressions that were read and in ones that were built.
func TestNamesAndTexts(t *testing.T) {
	c := OpenEmpty(t)
	p, err := For(c.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	own, err := NewPrinter("duckdb")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range evilNames {
		s := Scope{Columns: []Column{{Source: name, Name: name, Type: rows.Text}}}
		built := Build(&Binary{Op: "=", L: &Ref{Source: name, Column: name}, R: &Literal{Type: rows.Text, Value: name}})
		read, errs := Parse(built.Text)
		if len(errs) > 0 {
			t.Errorf("%q: %v", name, errs)
			continue
		}
		for _, e := range []*Expr{built, read} {
			ty, errs := Check(e, s)
			if len(errs) > 0 {
				t.Errorf("%q: %v", name, errs)
				continue
			}
			for _, p := range []*Printer{p, own} {
				sql, err := p.Value(ty)
				if err != nil {
					t.Fatal(err)
				}
				id := c.Dialect().Quote(name)
				if got, err := Ask(t.Context(), c, "SELECT CAST("+sql+" AS VARCHAR) AS v FROM (SELECT "+c.Dialect().String(name)+" AS "+id+") AS "+id); got != "true" || err != nil {
					t.Errorf("%q: %s is %s", name, sql, got)
				}
			}
		}
	}
}

// TestExamples: the reference says what its examples come to.
func TestExamples(t *testing.T) {
	c := OpenEmpty(t)
	p, err := For(c.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	for i := range Functions {
		f := &Functions[i]
		e, errs := Parse(f.Example)
		if len(errs) > 0 {
			t.Fatal(f.Example, errs)
		}
		ty, errs := Check(e, Scope{})
		if f.Value == "" {
			if len(errs) == 0 && f.Name != "as_of" {
				t.Errorf("%s does not say what it comes to", f.Example)
			}
			continue
		}
		if len(errs) > 0 {
			t.Fatal(f.Example, errs)
		}
		sql, err := p.Value(ty)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Ask(t.Context(), c, "SELECT "+c.Dialect().Text("v", ty.Type)+" AS v FROM (SELECT "+sql+" AS v)")
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if ty.Type == rows.Double {
			got = strings.TrimSuffix(got, ".0")
		}
		if got != f.Value {
			t.Errorf("%s is %s, and its line says %s", f.Example, got, f.Value)
		}
	}
}

// TestBuilt: a tree that was put together in code is held to the same rules.
func TestBuilt(t *testing.T) {
	for _, n := range []Node{
		&Literal{Type: rows.Int, Value: "1; DROP TABLE t"}, &Literal{Type: rows.Decimal, Value: "1"}, &Literal{Type: rows.Double, Value: "NaN"}, &Literal{Type: rows.Bool, Value: "TRUE OR TRUE"},
		&Literal{Type: rows.Date, Value: "2026-02-30"}, &Literal{Type: rows.Timestamp, Value: "now"}, &Literal{Type: rows.Text, Value: "\x00"}, &Literal{Type: rows.JSON, Value: "{}"}, &Literal{Value: "x"},
		&Binary{Op: "~", L: &Literal{Type: rows.Int, Value: "1"}, R: &Literal{Type: rows.Int, Value: "1"}}, &Cast{X: &Literal{Type: rows.Int, Value: "1"}, Type: rows.JSON},
		&Call{Name: "json_text", Args: []Node{&Ref{Column: "properties"}, &Literal{Type: rows.Text, Value: "a'b"}}}, &Like{X: &Ref{Column: "name"}, Pattern: &Ref{Column: "name"}},
	} {
		if ty, errs := Check(&Expr{Root: n}, sampleScope); ty != nil || len(errs) == 0 {
			t.Errorf("%#v was taken", n)
		}
	}
	if _, errs := Check(&Expr{}, sampleScope); len(errs) == 0 {
		t.Error("an empty tree was taken")
	}
}
