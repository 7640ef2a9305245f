package expr

import (
	"testing"

	"github.com/weir-data/weir/internal/rows"
)

// sampleScope has a column of each type, two of most.
var sampleScope = Scope{What: "source orders", Columns: []Column{
	{Name: "name", Type: rows.Text}, {Name: "status", Type: rows.Text}, {Name: "n", Type: rows.Int}, {Name: "m", Type: rows.Int},
	{Name: "amount", Type: rows.Decimal}, {Name: "Order Total", Type: rows.Decimal}, {Name: "rate", Type: rows.Double}, {Name: "ratio", Type: rows.Double},
	{Name: "paid", Type: rows.Bool}, {Name: "born", Type: rows.Date}, {Name: "ordered_at", Type: rows.Timestamp}, {Name: "properties", Type: rows.JSON},
}}

// sampleLiterals are literals that meet each demand.
var sampleLiterals = map[*demand][]*Literal{
	needWeek: words("week"), needDay: words("day"), needMonth: words("month", "quarter"), needYear: words("year"), needCalendar: words(calendarUnits...), needClock: words(clockUnits...),
	needUnit: words("day", "week", "month", "quarter", "year", "hour", "minute", "second"), needText: words(", ", "", "'"), needFilled: words("-", "'", `\`, "日"),
	needLength: wholes("3", "0"), needPart: wholes("2", "1"), needDigits: wholes("2", "0", "9"), needZone: words("Europe/London", "UTC", "America/New_York"),
	needPattern:  words(`^a.c$`, `([a-z]+)-(\d+)`, `[^\]\\'"-]|\$`, `日本?`, `a{2,3}\s\w`),
	needMatching: words(`[^0-9]`, `(a)(b)`, `'+`), needReplacement: words("", `x\\$`, "'"), needPath: words("plan.name", `list[0]`, `["it's odd"].x`),
}

func words(values ...string) []*Literal {
	var out []*Literal
	for _, v := range values {
		out = append(out, &Literal{Type: rows.Text, Value: v})
	}
	return out
}

func wholes(values ...string) []*Literal {
	out := words(values...)
	for _, l := range out {
		l.Type = rows.Int
	}
	return out
}

// sampleColumn is the n-th column of a type.
func sampleColumn(t Type, n int) *Ref {
	var of []Column
	for _, c := range sampleScope.Columns {
		if c.Type == t {
			of = append(of, c)
		}
	}
	return &Ref{Column: of[n%len(of)].Name}
}

// samples are calls that between them use every form of a function, with every
// type and every kind of literal that it takes.
func samples(f *Function) []Node {
	var out []Node
	for i := range f.Forms {
		form := &f.Forms[i]
		if form.Star {
			out = append(out, &Call{Name: f.Name, Star: true})
			continue
		}
		variants := 1
		for j := range form.Params {
			variants = max(variants, len(form.Params[j].Types), len(sampleLiterals[form.Params[j].Needs]))
		}
		for v := range variants {
			out = append(out, sample(f, form, v, len(form.Params)))
			if form.Optional > 0 {
				out = append(out, sample(f, form, v, len(form.Params)-form.Optional))
			}
		}
		if form.Variadic {
			out = append(out, sample(f, form, 0, len(form.Params)+1))
		}
		if form.Distinct {
			call := sample(f, form, 0, len(form.Params))
			call.Distinct = true
			out = append(out, call)
		}
	}
	return out
}

// sample is one call of a form with so many arguments.
func sample(f *Function, form *Form, variant, args int) *Call {
	call := &Call{Name: f.Name}
	for i := range args {
		p := form.param(i)
		if lits := sampleLiterals[p.Needs]; p.Needs != nil {
			call.Args = append(call.Args, lits[variant%len(lits)])
			continue
		}
		call.Args = append(call.Args, sampleColumn(p.Types[variant%len(p.Types)], i))
	}
	return call
}

// mustCheck checks an expression in the scope that fits it.
func mustCheck(t *testing.T, root Node) *Typed {
	t.Helper()
	e := Build(root)
	ty, errs := Check(e, sampleScope)
	if len(errs) > 0 && errs[0].Code == "expr.aggregate" {
		s := sampleScope
		s.Aggregate = true
		ty, errs = Check(e, s)
	}
	if len(errs) > 0 {
		t.Fatalf("%s: %v", e.Text, errs)
	}
	return ty
}
