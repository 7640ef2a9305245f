package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
)

// args are the arguments of a template, and the type that each is brought to
// (untyped = its own, a literal as it is written).
type args struct {
	n        []Node
	as       []Type
	result   Type
	distinct bool
}

// argsOf are the arguments of a call of a form.
func (w *writer) argsOf(form *Form, nodes []Node, result Type) *args {
	a := &args{n: nodes, as: make([]Type, len(nodes)), result: result}
	common := untyped
	for i, n := range nodes {
		if form.param(i).Common {
			common, _ = unify(common, w.t.types[n])
		}
	}
	for i, n := range nodes {
		p := form.param(i)
		switch {
		case p.Common:
			a.as[i] = common
		case p.As != untyped:
			a.as[i] = p.As
		case w.t.types[n] == untyped:
			a.as[i] = p.Types[0]
		}
	}
	return a
}

func (w *writer) call(n *Call) frag {
	form := w.t.forms[n]
	spell := &form.Spell
	if form.Short != nil && len(n.Args) < len(form.Params) {
		spell = form.Short
	}
	a := w.argsOf(form, n.Args, w.t.types[n])
	a.distinct = n.Distinct
	return w.template(spell.of(w.p.d.name), a)
}

// template fills a spelling. Its text is complete SQL that needs no
// parentheses; an argument gets them where something other than a bracket or
// a comma stands beside it.
func (w *writer) template(t string, a *args) frag {
	var b strings.Builder
	for t != "" {
		open := strings.IndexByte(t, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(t[open:], '}')
		hole := t[open+1 : open+length]
		b.WriteString(t[:open])
		t = t[open+length+1:]
		b.WriteString(w.fill(hole, a, apart(b.String(), t)))
		if w.err != nil {
			break
		}
	}
	if b.WriteString(t); b.Len() > maxSQL {
		return w.fail(errTooLarge)
	}
	return tight(b.String())
}

// apart tells whether what stands between two pieces of SQL needs no
// parentheses: brackets, commas or the words of a case hold it.
func apart(before, after string) bool {
	return slices.ContainsFunc([]string{"(", ", ", "WHEN ", "THEN ", "ELSE "}, func(s string) bool { return strings.HasSuffix(before, s) }) &&
		slices.ContainsFunc([]string{")", ",", " THEN", " ELSE", " END", " WHEN"}, func(s string) bool { return strings.HasPrefix(after, s) })
}

// fill gives what stands for one hole of a template.
func (w *writer) fill(hole string, a *args, bare bool) string {
	name, mode, _ := strings.Cut(hole, ":")
	if name == "*" {
		parts := make([]string, len(a.n))
		for i := range a.n {
			parts[i] = w.all(mode, a, i)
		}
		if mode == "all there" {
			return strings.Join(parts, " AND ")
		}
		return strings.Join(parts, ", ")
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 1 && i <= len(a.n) {
		f := w.argument(mode, a, i-1)
		if bare {
			return f.sql
		}
		return f.tight()
	}
	switch name {
	case "blanks":
		return w.p.d.str(" \t\r\n")
	case "result":
		return w.p.d.types[a.result]
	case "distinct":
		if a.distinct {
			return "DISTINCT "
		}
		return ""
	case "as of":
		if w.p.AsOf.IsZero() {
			return w.fail(errNoMoment).sql
		}
		return w.moment(w.p.AsOf.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano))
	}
	if t, ok := rows.ParseType(name); ok {
		return w.p.d.types[t]
	}
	return w.fail(fmt.Errorf("a spelling has no {%s}", hole)).sql
}

// all gives one argument of a list of all.
func (w *writer) all(mode string, a *args, i int) string {
	f := w.as(a.n[i], a.as[i])
	switch mode {
	case "blank":
		return "COALESCE(" + f.sql + ", '')"
	case "all there":
		return f.tight() + " IS NOT NULL"
	case "text order":
		return w.textOrder(f, a, i).sql
	}
	return f.sql
}

func (w *writer) textOrder(f frag, a *args, i int) frag {
	if w.t.types[a.n[i]] == rows.Text || a.as[i] == rows.Text {
		return tight(f.tight() + w.p.d.bytewise)
	}
	return f
}

// argument gives one argument, guarded or spelled as its mode says.
func (w *writer) argument(mode string, a *args, i int) frag {
	n := a.n[i]
	value := ""
	if l, ok := n.(*Literal); ok {
		value = l.Value
	}
	switch mode {
	case "":
		if a.as[i] == untyped {
			return w.beside(n)
		}
		return w.as(n, a.as[i])
	case "typed":
		return w.as(n, w.t.types[n])
	case "known":
		if _, ok := n.(*Literal); ok {
			return tight("CAST(" + w.as(n, rows.Text).sql + " AS " + w.p.d.types[rows.Text] + ")")
		}
		return w.as(n, rows.Text)
	case "date":
		return w.as(n, a.as[i]).asDate(w, n)
	case "text order":
		return w.textOrder(w.as(n, a.as[i]), a, i)
	case "not zero":
		t := a.as[i]
		if t == untyped {
			t = w.t.types[n]
		}
		return tight(w.nonZero(n, t))
	case "not negative", "positive":
		return w.guarded(mode, n, a.as[i])
	case "start", "count":
		return w.count(mode, n, a.as[i])
	case "unit":
		return tight(w.p.d.str(value))
	case "part":
		return tight(w.p.d.unitWord(value, false))
	case "truncated":
		return tight(w.p.d.unitWord(value, true))
	case "interval":
		if value == "quarter" {
			return tight("INTERVAL '3 month'")
		}
		return tight("INTERVAL '1 " + value + "'")
	case "a year":
		return tight(map[string]string{"month": "12", "quarter": "4"}[value])
	case "seconds":
		return tight(map[string]string{"hour": "3600", "minute": "60", "second": "1"}[value])
	}
	return w.patternArgument(mode, value)
}

// asDate brings a timestamp to its date.
func (f frag) asDate(w *writer, n Node) frag {
	if w.t.types[n] != rows.Timestamp {
		return f
	}
	s, _ := castSpelling(rows.Timestamp, rows.Date)
	return w.template(s.of(w.p.d.name), &args{n: []Node{n}, as: []Type{untyped}})
}

// guarded makes NULL of numbers that a function is not defined for.
func (w *writer) guarded(mode string, n Node, t Type) frag {
	op := ">="
	if mode == "positive" {
		op = ">"
	}
	f := w.as(n, t)
	if l, ok := n.(*Literal); ok && isNumber(l.Type) && !strings.HasPrefix(l.Value, "-") && !zero(l) {
		return f
	}
	x := f.tight()
	return tight("CASE WHEN " + x + " " + op + " 0 THEN " + x + " END")
}

// count makes a place or a number of characters of a number: never below 1 or
// 0, and no larger than an engine's functions on texts take.
func (w *writer) count(mode string, n Node, t Type) frag {
	least := map[string]string{"start": "1", "count": "0"}[mode]
	if l, ok := n.(*Literal); ok && l.Type == rows.Int {
		v, _ := strconv.ParseInt(l.Value, 10, 64)
		floor, _ := strconv.ParseInt(least, 10, 64)
		return tight(strconv.FormatInt(min(max(v, floor), 1<<31-1), 10))
	}
	x := w.as(n, t).tight()
	if w.p.d.name == "postgres" {
		return tight("CASE WHEN " + x + " < " + least + " THEN " + least + " WHEN " + x + " > 2147483647 THEN 2147483647 ELSE CAST(" + x + " AS integer) END")
	}
	return tight("CASE WHEN " + x + " < " + least + " THEN " + least + " WHEN " + x + " > 2147483647 THEN 2147483647 ELSE " + x + " END")
}

// patternArgument writes a pattern, replacement, path or zone that was checked.
func (w *writer) patternArgument(mode, value string) frag {
	d := &w.p.d
	p, _ := parsePattern(value)
	switch {
	case mode == "path":
		steps, _ := parsePath(value)
		return tight(writePath(steps, d))
	case mode == "replacement":
		parts, _ := parseReplacement(value)
		return tight(d.str(writeReplacement(parts, d.name)))
	case p == nil:
		return w.fail(fmt.Errorf("a spelling has no mode %q", mode))
	}
	switch mode {
	case "pattern":
		return tight(d.str(p.write(d.name, -1)))
	case "whole":
		return tight(d.str("(" + p.write(d.name, -1) + ")"))
	case "single":
		return tight(d.str(p.write(d.name, 1)))
	case "group":
		return tight(strconv.Itoa(min(p.groups, 1)))
	case "outer": // the same in a whole pattern, which is a group itself
		return tight(strconv.Itoa(1 + min(p.groups, 1)))
	}
	return w.fail(fmt.Errorf("a spelling has no mode %q", mode))
}
