package expr

import (
	"fmt"
	"slices"
	"strings"
)

// How tightly operators bind, the loosest first. Comparisons do not chain.
const (
	bindOr = iota + 1
	bindAnd
	bindNot
	bindCompare
	bindConcat
	bindAdd
	bindMultiply
	bindUnary
)

var binds = map[string]int{"or": bindOr, "and": bindAnd, "=": bindCompare, "<>": bindCompare, "<": bindCompare, "<=": bindCompare,
	">": bindCompare, ">=": bindCompare, "||": bindConcat, "+": bindAdd, "-": bindAdd, "*": bindMultiply, "/": bindMultiply, "%": bindMultiply}

// comparing are the words that start what stands on the level of comparisons.
var comparing = []string{"is", "in", "between", "like", "not"}

// reserved words are no names unless they are quoted.
var reserved = []string{"and", "between", "case", "cast", "distinct", "else", "end", "false", "from", "in", "is", "like", "not", "null", "or", "then", "true", "when"}

// Parse reads an expression. Where there are errors, it is nil.
func Parse(src string) (*Expr, []Error) {
	if len(src) > maxBytes {
		return nil, []Error{{0, len(src), "expr.too_large", fmt.Sprintf("the expression has %d bytes, at most %d", len(src), maxBytes), "split it into several traits"}}
	}
	tokens, errs := lex(src)
	if len(errs) > 0 {
		return nil, errs
	}
	p := &parser{src: src, tokens: tokens}
	if p.is(end) {
		return nil, []Error{{0, len(src), "expr.syntax", "the expression is empty", "like sum(amount)"}}
	}
	root := p.expr(0)
	if p.err == nil && !p.is(end) {
		p.surplus()
	}
	if p.err == nil && deep(root, maxDepth) {
		p.failAt(Span{0, len(src)}, "expr.too_large", "the expression is nested too deeply", "split it into several traits; a long `a = 1 or a = 2 or …` is a in (1, 2, …)")
	}
	if p.err != nil {
		return nil, []Error{*p.err}
	}
	return &Expr{Text: src, Root: root}, nil
}

// parser walks the tokens. After the first error every step gives a broken
// null and stays where it is.
type parser struct {
	src    string
	tokens []token
	pos    int
	depth  int
	err    *Error
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) is(k kind) bool { return p.tokens[p.pos].kind == k }

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if t.kind != end {
		p.pos++
	}
	return t
}

// keyword tells whether the next tokens are these words.
func (p *parser) keyword(words ...string) bool {
	for i, w := range words {
		if p.pos+i >= len(p.tokens) || p.tokens[p.pos+i].kind != word || !strings.EqualFold(p.tokens[p.pos+i].value, w) {
			return false
		}
	}
	return true
}

// accept goes past the words where they stand next.
func (p *parser) accept(words ...string) bool {
	if !p.keyword(words...) {
		return false
	}
	p.pos += len(words)
	return true
}

func (p *parser) isSign(s string) bool {
	t := p.peek()
	return t.kind == sign && t.value == s
}

func (p *parser) acceptSign(s string) bool {
	if !p.isSign(s) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) failAt(at Span, code, message, hint string) Node {
	if p.err == nil {
		p.err = &Error{at.Offset, at.Length, code, message, hint}
		p.pos = len(p.tokens) - 1
	}
	return &Literal{At: at}
}

func (p *parser) fail(at Span, message, hint string) Node {
	return p.failAt(at, "expr.syntax", message, hint)
}

// found is what stands next, for a message.
func (p *parser) found() string {
	t := p.peek()
	switch t.kind {
	case end:
		return "the expression ends"
	case text:
		return "a text stands"
	case quoted:
		return fmt.Sprintf("the name %q stands", t.value)
	default:
		return fmt.Sprintf("%q stands", t.value)
	}
}

func (p *parser) expect(s, hint string) {
	if !p.acceptSign(s) {
		p.fail(p.peek().at, fmt.Sprintf("%s where %q is needed", p.found(), s), hint)
	}
}

func (p *parser) expectWord(w, hint string) {
	if !p.accept(w) {
		p.fail(p.peek().at, fmt.Sprintf("%s where %s is needed", p.found(), w), hint)
	}
}

// from is the span from a node or token to the last token taken.
func (p *parser) from(at Span) Span {
	last := at
	if p.pos > 0 {
		last = p.tokens[p.pos-1].at
	}
	return Span{at.Offset, max(at.Length, last.Offset+last.Length-at.Offset)}
}

// surplus says what is wrong with what stands behind a whole expression.
func (p *parser) surplus() {
	t := p.peek()
	hints := map[string]string{"over": "window functions are not part of expressions", "filter": "write sum(if(condition, amount, 0))",
		"ilike": "write lower(x) like 'pattern'", "as": "the name stands in the YAML, not in the expression", "from": "the source stands in the YAML, not in the expression",
		"where": "the condition stands in the YAML under where:", "asc": "nothing is ordered here", "desc": "nothing is ordered here"}
	hint := hints[strings.ToLower(t.value)]
	if t.kind == text || t.kind == quoted || t.kind == number || t.kind == word && hint == "" {
		hint = "is an operator missing before it?"
	}
	if t.kind == sign && t.value == ")" {
		hint = "there is one ) too many"
	}
	p.fail(t.at, fmt.Sprintf("%s behind what is already a whole expression", p.found()), hint)
}

// expr parses operators that bind at least so tightly.
func (p *parser) expr(bind int) Node {
	if p.depth++; p.depth > 2*maxDepth {
		return p.failAt(p.peek().at, "expr.too_large", "the expression is nested too deeply", "split it into several traits")
	}
	defer func() { p.depth-- }()
	left := p.prefix(bind)
	compared := false
	for p.err == nil {
		op, at := strings.ToLower(p.peek().value), p.peek().at
		b, operator := binds[op]
		if p.is(word) && slices.Contains(comparing, op) {
			b = bindCompare
		} else if !operator || !p.is(word) && !p.is(sign) {
			return left
		}
		if b < bind {
			return left
		}
		if b == bindCompare {
			if compared {
				return p.fail(at, "comparisons do not chain", "join them with and, or put one in parentheses: (a = b) is null")
			}
			compared = true
		}
		if left = p.infix(left, op, b, at); left == nil {
			return p.fail(at, fmt.Sprintf("%q has no meaning here", op), "")
		}
	}
	return left
}

// infix parses what follows an operator.
func (p *parser) infix(left Node, op string, bind int, at Span) Node {
	if p.is(word) && bind == bindCompare {
		return p.comparison(left)
	}
	p.take()
	right := p.expr(bind + 1)
	return &Binary{At: p.from(left.span()), Sign: at, Op: op, L: left, R: right}
}

// comparison parses the comparisons that are words.
func (p *parser) comparison(left Node) Node {
	if p.accept("is") {
		not := p.accept("not")
		switch {
		case p.accept("null"):
			return &IsNull{At: p.from(left.span()), Not: not, X: left}
		case p.accept("distinct", "from"):
			right := p.expr(bindConcat)
			return &Distinct{At: p.from(left.span()), Not: not, L: left, R: right}
		case p.keyword("true"), p.keyword("false"):
			return p.fail(p.peek().at, "a condition is not tested with is true", "name the condition itself, or say coalesce(condition, false)")
		}
		return p.fail(p.peek().at, p.found()+" behind is", "write is null, is not null or is distinct from")
	}
	not := p.accept("not")
	switch {
	case p.accept("in"):
		return p.in(left, not)
	case p.accept("between"):
		lo := p.expr(bindConcat)
		p.expectWord("and", "write x between lowest and highest")
		hi := p.expr(bindConcat)
		return &Between{At: p.from(left.span()), Not: not, X: left, Lo: lo, Hi: hi}
	case p.accept("like"):
		pattern := p.expr(bindConcat)
		return &Like{At: p.from(left.span()), Not: not, X: left, Pattern: pattern}
	}
	return p.fail(p.peek().at, p.found()+" behind not", "write not in, not between or not like")
}

func (p *parser) in(left Node, not bool) Node {
	p.expect("(", "write x in ('a', 'b')")
	if p.isSign(")") {
		return p.fail(p.peek().at, "the list of in is empty", "write x in ('a', 'b')")
	}
	list := p.list()
	p.expect(")", "write x in ('a', 'b')")
	return &In{At: p.from(left.span()), Not: not, X: left, List: list}
}

// list parses values with commas between.
func (p *parser) list() []Node {
	out := []Node{p.expr(0)}
	for p.err == nil && p.acceptSign(",") {
		out = append(out, p.expr(0))
	}
	return out
}
