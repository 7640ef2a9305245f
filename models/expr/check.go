package expr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// Typed is an expression that was checked: every name is a column, every call a
// form of a function, every part has a type. Only such a one can be printed.
type Typed struct {
	Expr    *Expr
	Type    Type
	types   map[Node]Type
	columns map[*Ref]Column
	forms   map[*Call]*Form
	reads   []Column
}

// Columns are the columns that the expression reads, each once, by the names
// the warehouse has them under.
func (t *Typed) Columns() []Column { return slices.Clone(t.reads) }

// Check types an expression in a scope. Where there are errors, the result is nil.
func Check(e *Expr, scope Scope) (*Typed, []Error) {
	if e.Root == nil || deep(e.Root, maxDepth) {
		return nil, []Error{{0, len(e.Text), "expr.too_large", "the expression is nested too deeply", "split it into several traits"}}
	}
	c := &checker{scope: &scope, t: &Typed{Expr: e, types: map[Node]Type{}, columns: map[*Ref]Column{}, forms: map[*Call]*Form{}}}
	c.t.Type = c.check(e.Root)
	if c.t.Type == untyped {
		c.fail(e.Root.span(), "expr.type", "the expression is always NULL, and of no type", "write cast(null as text), or another type")
	}
	if len(c.errs) == 0 {
		c.size()
	}
	if len(c.errs) > 0 {
		slices.SortStableFunc(c.errs, func(a, b Error) int { return cmp.Compare(a.Offset, b.Offset) })
		return nil, c.errs
	}
	return c.t, nil
}

// CheckBool is Check for a condition.
func CheckBool(e *Expr, scope Scope) (*Typed, []Error) {
	t, errs := Check(e, scope)
	if len(errs) == 0 && t.Type != rows.Bool {
		return nil, []Error{{0, len(e.Text), "expr.type", fmt.Sprintf("this is a %s, and a condition is needed", t.Type), "compare it with something, like amount > 0"}}
	}
	return t, errs
}

// checker is the scratch state of one Check.
type checker struct {
	scope  *Scope
	t      *Typed
	within *Call // the aggregate that is being looked into
	errs   []Error
}

// fail adds an error and gives the type of what is broken.
func (c *checker) fail(at Span, code, message, hint string) Type {
	c.errs = append(c.errs, Error{at.Offset, at.Length, code, message, hint})
	return broken
}

// check types a node and keeps its type.
func (c *checker) check(n Node) Type {
	t := c.typeOf(n)
	c.t.types[n] = t
	return t
}

func (c *checker) typeOf(n Node) Type {
	switch n := n.(type) {
	case *Literal:
		if !sound(n) {
			return c.fail(n.At, "expr.literal", fmt.Sprintf("%q is not a %s", n.Value, typeName(n.Type)), "")
		}
		return n.Type
	case *Ref:
		return c.ref(n)
	case *Unary:
		return c.unary(n)
	case *Binary:
		return c.binary(n)
	case *Case:
		return c.caseOf(n)
	case *In:
		return c.in(n)
	case *Between:
		c.comparable(n.X, n.Lo, "between", ordered)
		c.comparable(n.X, n.Hi, "between", ordered)
		return rows.Bool
	case *Like:
		return c.like(n)
	case *IsNull:
		c.check(n.X)
		return rows.Bool
	case *Distinct:
		c.comparable(n.L, n.R, "is distinct from", plain)
		return rows.Bool
	case *Cast:
		return c.cast(n)
	case *Call:
		return c.call(n)
	}
	return c.fail(Span{}, "expr.syntax", "the expression has a part that is none", "")
}

func (c *checker) ref(n *Ref) Type {
	if !n.Quoted && slices.Contains(clocks, strings.ToLower(n.Column)) {
		return c.clock(n.At, n.Column)
	}
	col, err := c.scope.find(n)
	if err != nil {
		return c.fail(n.At, err.Code, err.Message, err.Hint)
	}
	if c.scope.Aggregate && c.within == nil {
		return c.fail(n.At, "expr.aggregate", fmt.Sprintf("%s has a value in every row, and one for all of them is needed", n.Column), fmt.Sprintf("write max(%s), or another aggregate", formatName(n.Column)))
	}
	c.t.columns[n] = col
	if !slices.Contains(c.t.reads, col) {
		c.t.reads = append(c.t.reads, col)
	}
	return col.Type
}

func (c *checker) clock(at Span, name string) Type {
	return c.fail(at, "expr.now", fmt.Sprintf("%s reads the clock, which would give every statement another answer", name), "write as_of(), the moment that a generation is built for")
}

func (c *checker) unary(n *Unary) Type {
	t := c.check(n.X)
	if n.Op == "not" {
		c.condition(n.X, t, "not")
		return rows.Bool
	}
	if t != broken && !isNumber(t) {
		return c.fail(n.X.span(), "expr.type", fmt.Sprintf("- stands before a %s, and a number is needed", typeName(t)), "")
	}
	return t
}

// condition tells where a value that must be a condition is none.
func (c *checker) condition(n Node, t Type, what string) {
	if t != rows.Bool && t != broken && t != untyped {
		hint := "compare it with something"
		if what == "or" && t == rows.Text {
			hint = "texts are joined with ||"
		}
		c.fail(n.span(), "expr.type", fmt.Sprintf("%s needs conditions, and this is a %s", what, t), hint)
	}
}

func (c *checker) binary(n *Binary) Type {
	switch n.Op {
	case "and", "or":
		c.condition(n.L, c.check(n.L), n.Op)
		c.condition(n.R, c.check(n.R), n.Op)
		return rows.Bool
	case "=", "<>":
		c.comparable(n.L, n.R, n.Op, plain)
		return rows.Bool
	case "<", "<=", ">", ">=":
		c.comparable(n.L, n.R, n.Op, ordered)
		return rows.Bool
	case "||":
		return c.joined(n)
	case "+", "-", "*", "/", "%":
		return c.arithmetic(n)
	}
	return c.fail(n.At, "expr.syntax", fmt.Sprintf("there is no operator %q", n.Op), "")
}

func (c *checker) joined(n *Binary) Type {
	for _, x := range []Node{n.L, n.R} {
		switch t := c.check(x); t {
		case rows.Text, untyped, broken:
		case rows.Bool:
			c.fail(x.span(), "expr.type", "|| joins texts, and this is a condition", "conditions are joined with or")
		default:
			c.fail(x.span(), "expr.type", fmt.Sprintf("|| joins texts, and this is a %s", t), fmt.Sprintf("write cast(%s as text)", snippet(x)))
		}
	}
	return rows.Text
}

func (c *checker) arithmetic(n *Binary) Type {
	l, r := c.check(n.L), c.check(n.R)
	if l == broken || r == broken {
		return broken
	}
	for _, side := range []struct {
		n Node
		t Type
	}{{n.L, l}, {n.R, r}} {
		if isNumber(side.t) {
			continue
		}
		hint := fmt.Sprintf("write cast(%s as decimal)", snippet(side.n))
		switch {
		case isTime(l) && isTime(r):
			hint = "write date_diff('day', from, to)"
		case isTime(side.t):
			hint = "write date_add('day', n, x)"
		case side.t == rows.Text && n.Op == "+":
			hint = "texts are joined with ||; a number in a text is cast(x as decimal)"
		case side.t == untyped:
			hint = "arithmetic with null is always NULL"
		case side.t != rows.Text:
			hint = ""
		}
		return c.fail(side.n.span(), "expr.type", fmt.Sprintf("%s reckons with numbers, and this is a %s", n.Op, typeName(side.t)), hint)
	}
	t, _ := unify(l, r)
	switch {
	case n.Op == "/":
		return rows.Double
	case n.Op == "%" && t == rows.Double:
		return c.fail(n.At, "expr.type", "% is not for doubles, whose remainder differs between engines", "cast both to decimal")
	}
	return t
}

// snippet is a node as it would be written, if it is short.
func snippet(n Node) string {
	if s, _ := format(n); len(s) <= 40 {
		return s
	}
	return "x"
}

// comparable checks that two values can be compared, by an operator for a set of types.
func (c *checker) comparable(l, r Node, op string, set []Type) {
	lt, known := c.t.types[l]
	if !known {
		lt = c.check(l)
	}
	c.compare(l, r, lt, c.check(r), op, set)
}

func (c *checker) compare(l, r Node, lt, rt Type, op string, set []Type) {
	if lt == broken || rt == broken {
		return
	}
	for _, side := range []struct {
		n Node
		t Type
	}{{l, lt}, {r, rt}} {
		if side.t == untyped && op != "is distinct from" {
			c.fail(side.n.span(), "expr.null", op+" with null is never true", "write is null, or is not null")
			return
		}
		if side.t != untyped && !slices.Contains(set, side.t) {
			hint := "write json_text(x, 'path') for a part of it"
			if side.t != rows.JSON {
				hint = ""
			}
			c.fail(side.n.span(), "expr.type", fmt.Sprintf("%s does not compare a %s", op, side.t), hint)
			return
		}
	}
	if _, ok := unify(lt, rt); !ok {
		at := l.span()
		at.Length = max(at.Length, r.span().Offset+r.span().Length-at.Offset)
		if slices.Contains([]string{"in", "between", "case"}, op) {
			at = r.span() // of several, the one that does not fit
		}
		c.fail(at, "expr.type", fmt.Sprintf("a %s is compared with a %s", lt, rt), mismatch(l, r, lt, rt))
	}
}

// mismatch says how two values of different types are compared.
func mismatch(l, r Node, lt, rt Type) string {
	if rt == rows.Text {
		l, r, lt, rt = r, l, rt, lt
	}
	lit, written := l.(*Literal)
	switch {
	case lt != rows.Text:
		return fmt.Sprintf("write cast(%s as %s)", snippet(r), lt)
	case written && isNumber(rt):
		if n, _, _ := numberLiteral(lit.Value); n != nil {
			return "write the number without quotes"
		}
		return "write a number"
	case written && isTime(rt):
		if d, _, _ := momentLiteral(rt.String(), lit.Value); d != nil {
			return "write " + formatLiteral(d)
		}
		return "write " + rt.String() + " '2026-01-31'"
	case written && rt == rows.Bool:
		return "write true or false without quotes"
	}
	if n, ok := r.(*Literal); ok && isNumber(rt) {
		return fmt.Sprintf("write the number as a text: '%s'", n.Value)
	}
	return fmt.Sprintf("write cast(%s as %s)", snippet(l), rt)
}
