package expr

import (
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// Format is an expression as Weir writes it: words in small letters, one space
// around operators, parentheses only where they are needed. What it gives
// parses to the same tree.
func Format(e *Expr) string {
	s, _ := format(e.Root)
	return s
}

// bindValue is that of values, which need no parentheses anywhere.
const bindValue = bindUnary + 1

// format gives a node's text and how tightly it holds together.
func format(n Node) (string, int) {
	switch n := n.(type) {
	case *Literal:
		return formatLiteral(n), bindValue
	case *Ref:
		name := formatName(n.Column)
		if n.Source != "" {
			return formatName(n.Source) + "." + name, bindValue
		}
		if n.Quoted && slices.Contains(clocks, strings.ToLower(n.Column)) {
			name = quoteName(n.Column)
		}
		return name, bindValue
	case *Unary:
		if n.Op == "not" {
			return "not " + within(n.X, bindNot), bindNot
		}
		if l, ok := n.X.(*Literal); ok && l.Type != untyped {
			return "-(" + formatLiteral(l) + ")", bindUnary // -5 is a literal of its own
		}
		x := within(n.X, bindUnary)
		if strings.HasPrefix(x, "-") {
			x = "(" + x + ")"
		}
		return "-" + x, bindUnary
	case *Binary:
		b := binds[n.Op]
		left := b
		if b == bindCompare {
			left++
		}
		return within(n.L, left) + " " + n.Op + " " + within(n.R, b+1), b
	case *Case:
		return formatCase(n), bindValue
	case *Cast:
		return "cast(" + within(n.X, 0) + " as " + n.Type.String() + ")", bindValue
	case *Call:
		return formatCall(n), bindValue
	default:
		return formatComparison(n), bindCompare
	}
}

// within is a node's text as part of something that binds so tightly.
func within(n Node, bind int) string {
	s, b := format(n)
	if b < bind {
		return "(" + s + ")"
	}
	return s
}

func formatComparison(n Node) string {
	word := func(not bool, w string) string {
		if not {
			return " not " + w
		}
		return " " + w
	}
	switch n := n.(type) {
	case *In:
		return within(n.X, bindConcat) + word(n.Not, "in (") + formatList(n.List) + ")"
	case *Between:
		return within(n.X, bindConcat) + word(n.Not, "between ") + within(n.Lo, bindConcat) + " and " + within(n.Hi, bindConcat)
	case *Like:
		return within(n.X, bindConcat) + word(n.Not, "like ") + within(n.Pattern, bindConcat)
	case *IsNull:
		return within(n.X, bindConcat) + " is" + word(n.Not, "null")
	case *Distinct:
		return within(n.L, bindConcat) + " is" + word(n.Not, "distinct from ") + within(n.R, bindConcat)
	}
	return ""
}

func formatList(list []Node) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = within(n, 0)
	}
	return strings.Join(out, ", ")
}

func formatCase(n *Case) string {
	var b strings.Builder
	b.WriteString("case")
	if n.Operand != nil {
		b.WriteString(" " + within(n.Operand, 0))
	}
	for _, w := range n.Whens {
		b.WriteString(" when " + within(w.If, 0) + " then " + within(w.Then, 0))
	}
	if n.Else != nil {
		b.WriteString(" else " + within(n.Else, 0))
	}
	b.WriteString(" end")
	return b.String()
}

func formatCall(n *Call) string {
	switch {
	case n.Star:
		return n.Name + "(*)"
	case n.Distinct:
		return n.Name + "(distinct " + formatList(n.Args) + ")"
	default:
		return n.Name + "(" + formatList(n.Args) + ")"
	}
}

func formatLiteral(l *Literal) string {
	switch l.Type {
	case untyped:
		return "null"
	case rows.Text:
		return "'" + strings.ReplaceAll(l.Value, "'", "''") + "'"
	case rows.Date, rows.Timestamp:
		return l.Type.String() + " '" + l.Value + "'"
	default:
		return l.Value
	}
}

// formatName quotes a name only where it would not be read as one.
func formatName(name string) string {
	plain := name != "" && strings.IndexFunc(name, func(c rune) bool { return !nameRune(c) }) < 0
	if !plain || !startName(name) || slices.Contains(reserved, strings.ToLower(name)) || slices.Contains(starters, strings.ToLower(name)) {
		return quoteName(name)
	}
	return name
}

// starters are words that are names in most places, and no names in some.
var starters = []string{"date", "timestamp", "interval", "select", "exists", "with"}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
