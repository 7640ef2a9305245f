package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
)

// prefix parses a value, with what may stand before one.
func (p *parser) prefix(bind int) Node {
	t := p.peek()
	switch {
	case p.keyword("not"):
		if bind > bindNot {
			return p.fail(t.at, "not binds more loosely than the operator before it", "put it in parentheses: (not x)")
		}
		p.take()
		x := p.expr(bindNot)
		return &Unary{At: p.from(t.at), Op: "not", X: x}
	case p.isSign("-"):
		p.take()
		if p.is(number) {
			n := p.take()
			return p.number("-"+n.value, p.from(t.at))
		}
		x := p.expr(bindUnary)
		return &Unary{At: p.from(t.at), Op: "-", X: x}
	case p.isSign("+"):
		return p.fail(t.at, "a plus before a value means nothing", "leave it out")
	default:
		return p.operand()
	}
}

// operand parses a value without operators.
func (p *parser) operand() Node {
	t := p.take()
	switch t.kind {
	case number:
		return p.number(t.value, t.at)
	case text:
		return &Literal{At: t.at, Type: rows.Text, Value: t.value}
	case quoted:
		return p.ref(t)
	case word:
		return p.word(t)
	case sign:
		if t.value == "(" {
			return p.parenthesis(t)
		}
		if t.value == "*" {
			return p.fail(t.at, "* stands for all rows in count(*) only", "name the column")
		}
	case end:
		return p.fail(t.at, "the expression ends where a value is needed", "")
	}
	return p.fail(t.at, fmt.Sprintf("%q stands where a value is needed", t.value), "")
}

func (p *parser) parenthesis(open token) Node {
	x := p.expr(0)
	if p.err == nil && p.isSign(",") {
		return p.fail(p.peek().at, "a list stands where one value is needed", "lists go behind in: x in ('a', 'b')")
	}
	if p.err == nil && p.is(end) {
		return p.fail(open.at, "the ( that opens here is never closed", "")
	}
	p.expect(")", "")
	return x
}

func (p *parser) number(written string, at Span) Node {
	l, message, hint := numberLiteral(written)
	if message != "" {
		return p.failAt(at, "expr.literal", message, hint)
	}
	l.At = at
	return l
}

// word parses what starts with a word: a constant, a case, a cast, a function or a column.
func (p *parser) word(t token) Node {
	low := strings.ToLower(t.value)
	switch low {
	case "true", "false":
		return &Literal{At: t.at, Type: rows.Bool, Value: low}
	case "null":
		return &Literal{At: t.at}
	case "case":
		return p.caseOf(t)
	case "cast":
		return p.cast(t)
	case "date", "timestamp":
		if p.is(text) {
			return p.moment(low, t)
		}
	case "interval":
		if p.is(text) || p.is(number) {
			return p.fail(t.at, "intervals are not part of expressions", "write date_add('day', 7, x)")
		}
	case "select", "exists", "with":
		return p.fail(t.at, low+" starts a query, which cannot stand in an expression", "make the query a source of its own")
	}
	if slices.Contains(reserved, low) {
		return p.fail(t.at, fmt.Sprintf("%q stands where a value is needed", t.value), fmt.Sprintf(`a column of that name is written in double quotes: "%s"`, t.value))
	}
	if p.isSign("(") {
		return p.call(t, low)
	}
	return p.ref(t)
}

func (p *parser) moment(low string, t token) Node {
	written := p.take()
	l, message, hint := momentLiteral(low, written.value)
	if message != "" {
		return p.failAt(written.at, "expr.literal", message, hint)
	}
	l.At = p.from(t.at)
	return l
}

func (p *parser) ref(t token) Node {
	r := &Ref{At: t.at, Column: t.value, Quoted: t.kind == quoted}
	if !p.acceptSign(".") {
		return r
	}
	name := p.take()
	if name.kind != word && name.kind != quoted {
		return p.fail(name.at, "the dot is followed by no name", "write source.column")
	}
	r.Source, r.Column, r.Quoted, r.At = t.value, name.value, true, p.from(t.at)
	if p.isSign(".") {
		return p.fail(p.peek().at, "a name has at most two parts", "write source.column")
	}
	if p.isSign("(") {
		return p.fail(r.At, "functions have no schema before their name", "write the function's name alone")
	}
	return r
}

func (p *parser) caseOf(t token) Node {
	const hint = "write case when condition then value else value end"
	c := &Case{}
	if !p.keyword("when") {
		c.Operand = p.expr(0)
	}
	for p.err == nil && p.accept("when") {
		cond := p.expr(0)
		p.expectWord("then", hint)
		c.Whens = append(c.Whens, When{cond, p.expr(0)})
	}
	if p.err == nil && len(c.Whens) == 0 {
		return p.fail(p.peek().at, "the case has no when", hint)
	}
	if p.accept("else") {
		c.Else = p.expr(0)
	}
	p.expectWord("end", hint)
	c.At = p.from(t.at)
	return c
}

func (p *parser) cast(t token) Node {
	const hint = "write cast(x as bigint)"
	p.expect("(", hint)
	x := p.expr(0)
	p.expectWord("as", hint)
	name := p.take()
	typ, ok := castType(name.value)
	if p.err == nil && (name.kind != word || !ok) {
		h := "the types are text, bigint, double, decimal, bool, date and timestamp"
		if other, known := otherTypes[strings.ToLower(name.value)]; known {
			h = "write " + other
		} else if near, alike := diag.Nearest(name.value, castTypes); alike {
			h = fmt.Sprintf("did you mean %q?", near)
		}
		return p.failAt(name.at, "expr.unknown_type", fmt.Sprintf("there is no type %q", name.value), h)
	}
	if p.isSign("(") {
		return p.fail(p.peek().at, "types take no length or scale", "a decimal has 9 digits behind the point: round(x, 2) takes some away")
	}
	p.expect(")", hint)
	return &Cast{At: p.from(t.at), X: x, Type: typ}
}

// call parses a function's arguments.
func (p *parser) call(t token, low string) Node {
	c := &Call{Called: t.at, Name: low}
	p.expect("(", "")
	switch {
	case p.isSign("*"):
		p.take()
		c.Star = true
	case p.keyword("distinct"):
		p.take()
		c.Distinct = true
		c.Args = p.list()
	case !p.isSign(")"):
		c.Args = p.list()
	}
	if p.err == nil && low == "extract" && p.keyword("from") {
		return p.fail(t.at, "extract(… from …) is not part of expressions", "write year(x), month(x), day(x), hour(x) …")
	}
	if p.err == nil && p.keyword("order") {
		return p.fail(p.peek().at, "an order stands in a function's arguments", "write first(x, by) or last(x, by)")
	}
	p.expect(")", fmt.Sprintf("the ( of %s is not closed", low))
	c.At = p.from(t.at)
	return c
}
