package expr

import (
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// chains are the operators that may stand beside each other without
// parentheses, the left ones first.
var chains = map[string]string{"and": "and", "or": "or", "||": "||", "+": "+", "-": "+"}

func (w *writer) binary(n *Binary) frag {
	switch n.Op {
	case "and", "or", "||":
		return loose(w.left(n) + " " + strings.ToUpper(n.Op) + " " + w.link(n.R, n.Op))
	case "/":
		return loose(w.as(n.L, rows.Double).tight() + " / " + w.nonZero(n.R, rows.Double))
	case "+", "-", "*", "%":
		return w.arithmetic(n)
	case "=", "<>":
		return loose(w.match(n.L, []Node{n.R}) + " " + n.Op + " " + w.match(n.R, []Node{n.L}))
	default:
		return loose(w.order(n.L, []Node{n.R}, n.L) + " " + n.Op + " " + w.order(n.R, []Node{n.L}, nil))
	}
}

func operandType(op string) Type {
	if op == "||" {
		return rows.Text
	}
	return rows.Bool
}

// left writes the left operand of a chain.
func (w *writer) left(n *Binary) string {
	if b, ok := n.L.(*Binary); ok && chains[b.Op] == chains[n.Op] {
		return w.node(b).sql
	}
	return w.link(n.L, n.Op)
}

// link writes one operand of a chain. Comparisons bind more tightly than and
// and or in every engine.
func (w *writer) link(n Node, op string) string {
	f := w.as(n, operandType(op))
	if b, ok := n.(*Binary); ok && op != "||" && binds[b.Op] == bindCompare {
		return f.sql
	}
	switch n.(type) {
	case *In, *Like, *IsNull, *Distinct:
		if op != "||" {
			return f.sql
		}
	}
	return f.tight()
}

// nonZero writes a divisor: NULL where it is 0, so that nothing is divided by it.
func (w *writer) nonZero(n Node, t Type) string {
	f := w.as(n, t)
	if l, ok := n.(*Literal); ok && isNumber(l.Type) && !zero(l) {
		return f.tight()
	}
	return "NULLIF(" + f.sql + ", " + w.literalAs(&Literal{Type: rows.Int, Value: "0"}, t).sql + ")"
}

// arithmetic writes + - * %. Decimals have nine digits behind the point
// whatever engines make of a sum or product of theirs.
func (w *writer) arithmetic(n *Binary) frag {
	t := w.t.types[n]
	if n.Op == "%" {
		form := &functionsByName["mod"].Forms[0]
		if t == rows.Decimal {
			form = &functionsByName["mod"].Forms[1]
		}
		return w.template(form.Spell.of(w.p.d.name), w.argsOf(form, []Node{n.L, n.R}, t))
	}
	l, r := w.beside(n.L).tight(), w.beside(n.R).tight()
	_, isL := n.L.(*Literal)
	_, isR := n.R.(*Literal)
	if isL && isR { // beside each other, engines would take narrow types for both
		l, r = w.node(n.L).tight(), w.node(n.R).tight()
	}
	switch {
	case t != rows.Decimal:
	case n.Op != "*" && (!isL && w.t.types[n.L] == rows.Decimal || !isR && w.t.types[n.R] == rows.Decimal):
	case n.Op == "*" && (w.t.types[n.L] == rows.Int && !isR || w.t.types[n.R] == rows.Int && !isL):
	default:
		return tight("CAST(" + l + " " + n.Op + " " + r + " AS " + w.p.d.types[t] + ")")
	}
	if b, ok := n.L.(*Binary); ok && chains[b.Op] != "" && chains[b.Op] == chains[n.Op] {
		if f := w.node(n.L); f.loose {
			l = f.sql
		}
	}
	return loose(l + " " + n.Op + " " + r)
}

// match writes a value that is compared for equality with others.
func (w *writer) match(n Node, others []Node) string {
	t := w.t.types[n]
	for _, o := range others {
		t, _ = unify(t, w.t.types[o])
	}
	if isNumber(t) && w.t.types[n] != untyped {
		return w.beside(n).tight()
	}
	return w.as(n, t).tight()
}

// order writes a value that is compared with others by its order. Texts are
// ordered by code points: said once, at the value that carries it.
func (w *writer) order(n Node, others []Node, carries Node) string {
	s := w.match(n, others)
	if carries != nil && w.t.types[n] == rows.Text {
		return s + w.p.d.bytewise
	}
	return s
}

func (w *writer) caseOf(n *Case) frag {
	t := w.t.types[n]
	var b strings.Builder
	b.WriteString("CASE")
	var values []Node
	for _, when := range n.Whens {
		values = append(values, when.If)
	}
	if n.Operand != nil {
		b.WriteString(" " + w.match(n.Operand, values))
	}
	for _, when := range n.Whens {
		b.WriteString(" WHEN ")
		if n.Operand != nil {
			b.WriteString(w.match(when.If, append([]Node{n.Operand}, values...)))
		} else {
			b.WriteString(w.as(when.If, rows.Bool).sql)
		}
		b.WriteString(" THEN " + w.as(when.Then, t).sql)
	}
	if n.Else != nil {
		b.WriteString(" ELSE " + w.as(n.Else, t).sql)
	}
	b.WriteString(" END")
	return tight(b.String())
}

func (w *writer) in(n *In) frag {
	list := make([]string, len(n.List))
	for i, v := range n.List {
		list[i] = w.match(v, append([]Node{n.X}, n.List...))
	}
	return loose(w.match(n.X, n.List) + not(n.Not, " IN (") + strings.Join(list, ", ") + ")")
}

func (w *writer) like(n *Like) frag {
	l, ok := n.Pattern.(*Literal)
	if !ok {
		return w.fail(errTooLarge)
	}
	s := w.as(n.X, rows.Text).tight() + not(n.Not, " LIKE ") + w.p.d.str(l.Value)
	if strings.Contains(l.Value, `\`) {
		s += w.p.d.escape
	}
	return loose(s)
}
