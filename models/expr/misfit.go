package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// misfit is why a call is not of a form.
type misfit struct {
	arg     int // the first argument that does not fit; -1 = their number, -2 = distinct
	param   *Param
	written bool // it must be written out
	word    bool // it must be one of the words
}

// misfit says what is wrong with a call: of the form that it fits best.
func (c *checker) misfit(f *Function, n *Call, args []Type) Type {
	var best *misfit
	for i := range f.Forms {
		if m := c.fits(&f.Forms[i], n, args); best == nil || m.arg > best.arg || m.arg == best.arg && best.word && !m.word {
			best = m
		}
	}
	usages := []string{}
	for i := range f.Forms {
		if u := f.Usage(&f.Forms[i]); !slices.Contains(usages, u) {
			usages = append(usages, u)
		}
	}
	hint := "write " + strings.Join(usages, ", or ")
	switch {
	case best.arg == -2:
		return c.fail(n.At, "expr.arguments", f.Name+" takes no distinct", hint)
	case best.arg == -1:
		return c.fail(n.At, "expr.arguments", fmt.Sprintf("%s is called with %s", f.Name, arity(n)), hint)
	case best.written && best.param.Needs.words != nil:
		return c.fail(n.Args[best.arg].span(), "expr.arguments", fmt.Sprintf("the %s of %s must be written out", best.param.Name, f.Name), "write one of "+strings.Join(f.words(best.arg), ", "))
	case best.written:
		return c.fail(n.Args[best.arg].span(), "expr.arguments", fmt.Sprintf("the %s of %s must be written out: %s", best.param.Name, f.Name, best.param.Needs.what), hint)
	case best.word:
		return c.words(f, n, best.arg)
	}
	t := args[best.arg]
	if other := alternative(f, n, best.arg, t); other != "" {
		hint = other
	}
	return c.fail(n.Args[best.arg].span(), "expr.type", fmt.Sprintf("%s takes %s here, and this is a %s", f.Name, article(setName(c.taken(f, n, args, best.arg))), typeName(t)), hint)
}

// arity is how many arguments a call has, in words.
func arity(n *Call) string {
	switch {
	case n.Star:
		return "*"
	case len(n.Args) == 0:
		return "no argument"
	case len(n.Args) == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", len(n.Args))
}

// article puts "a" before what is not "any".
func article(name string) string {
	if strings.HasPrefix(name, "any") {
		return name
	}
	return "a " + name
}

// words are those that an argument may be, in all forms together.
func (f *Function) words(arg int) []string {
	var all []string
	for i := range f.Forms {
		for _, w := range f.Forms[i].param(arg).Needs.words {
			if !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// words says which words an argument may be.
func (c *checker) words(f *Function, n *Call, arg int) Type {
	all := f.words(arg)
	value := n.Args[arg].(*Literal).Value
	return c.fail(n.Args[arg].span(), "expr.arguments", fmt.Sprintf("%s has no unit %q", f.Name, value), suggest(value, all, "write one of "+strings.Join(all, ", ")))
}

// taken are the types that the forms take at a place which all arguments before it fit.
func (c *checker) taken(f *Function, n *Call, args []Type, arg int) []Type {
	var set []Type
	for i := range f.Forms {
		form := &f.Forms[i]
		if m := c.fits(form, n, args); m == nil || m.arg != arg || m.param == nil {
			continue
		}
		for _, t := range form.param(arg).Types {
			if !slices.Contains(set, t) {
				set = append(set, t)
			}
		}
	}
	return set
}

// alternative is a hint for what people often mean; "" = none.
func alternative(f *Function, n *Call, arg int, t Type) string {
	switch {
	case slices.Contains([]string{"min", "max"}, f.Name) && t == rows.Bool:
		return "write bool_or(condition) or bool_and(condition)"
	case t == rows.Date && slices.Contains([]string{"hour", "minute", "second", "local_date", "local_hour", "epoch_seconds", "date_trunc", "date_add"}, f.Name):
		return "a date has no time of day: take a timestamp"
	}
	if len(f.Forms) > 1 {
		return ""
	}
	to := f.Forms[0].param(arg).Types
	if t == rows.Text && slices.Contains(to, rows.Decimal) {
		return fmt.Sprintf("write cast(%s as decimal)", snippet(n.Args[arg]))
	}
	if _, ok := castSpelling(t, to[0]); ok {
		return fmt.Sprintf("write cast(%s as %s)", snippet(n.Args[arg]), to[0])
	}
	return ""
}
