package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// common brings values to one type; what says of what they are parts.
func (c *checker) common(values []Node, what string) Type {
	out := untyped
	for _, v := range values {
		t := c.check(v)
		u, ok := unify(out, t)
		if !ok {
			return c.fail(v.span(), "expr.type", fmt.Sprintf("%s gives a %s here, and a %s before", what, typeName(t), typeName(out)), "cast one of them")
		}
		out = u
	}
	return out
}

func (c *checker) caseOf(n *Case) Type {
	var results []Node
	for _, w := range n.Whens {
		if n.Operand != nil {
			c.comparable(n.Operand, w.If, "case", plain)
		} else {
			c.condition(w.If, c.check(w.If), "when")
		}
		results = append(results, w.Then)
	}
	if n.Operand != nil && len(c.errs) == 0 {
		list := make([]Node, len(n.Whens))
		for i, w := range n.Whens {
			list[i] = w.If
		}
		c.together(n.Operand, list, "case")
	}
	if n.Else != nil {
		results = append(results, n.Else)
	}
	return c.common(results, "the case")
}

// together checks that values compared with one have one type among them.
func (c *checker) together(x Node, list []Node, what string) {
	all := c.t.types[x]
	for _, v := range list {
		u, ok := unify(all, c.t.types[v])
		if !ok {
			c.fail(v.span(), "expr.type", fmt.Sprintf("%s compares a %s with a %s", what, typeName(c.t.types[v]), typeName(all)), "cast one of them")
			return
		}
		all = u
	}
}

func (c *checker) in(n *In) Type {
	before := len(c.errs)
	for _, v := range n.List {
		c.comparable(n.X, v, "in", plain)
	}
	if len(c.errs) == before {
		c.together(n.X, n.List, "in")
	}
	return rows.Bool
}

func (c *checker) like(n *Like) Type {
	if t := c.check(n.X); t != rows.Text && t != broken {
		c.fail(n.X.span(), "expr.type", fmt.Sprintf("like looks into texts, and this is a %s", typeName(t)), "")
	}
	l, ok := n.Pattern.(*Literal)
	if !ok || l.Type != rows.Text {
		c.check(n.Pattern)
		c.fail(n.Pattern.span(), "expr.pattern", "the pattern of like must be a text that is written out", "write contains(x, part), starts_with(x, part) or ends_with(x, part)")
		return rows.Bool
	}
	if c.check(l); !likeSound(l.Value) {
		c.fail(l.At, "expr.pattern", `a \ in the pattern of like stands before something other than %, _ or \`, `write \\ for the character`)
	}
	return rows.Bool
}

// likeSound tells whether every \ of a pattern escapes something.
func likeSound(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' {
			continue
		}
		if i++; i == len(pattern) || strings.IndexByte(`%_\`, pattern[i]) < 0 {
			return false
		}
	}
	return true
}

func (c *checker) cast(n *Cast) Type {
	if !slices.Contains(castTypes, n.Type.String()) {
		return c.fail(n.At, "expr.unknown_type", fmt.Sprintf("nothing is cast to %s", n.Type), "the types are text, bigint, double, decimal, bool, date and timestamp")
	}
	from := c.check(n.X)
	if from == broken || from == untyped || from == n.Type {
		return n.Type
	}
	if _, ok := castSpelling(from, n.Type); !ok {
		hints := map[[2]Type]string{{rows.Double, rows.Text}: "engines write doubles differently: cast it to decimal first", {rows.JSON, rows.Text}: "write json_text(x, 'path') for a part of it",
			{rows.Bool, rows.Int}: "write if(x, 1, 0)", {rows.Int, rows.Bool}: "write x <> 0", {rows.Int, rows.Timestamp}: "write from_epoch(x), of seconds", {rows.Timestamp, rows.Int}: "write epoch_seconds(x)"}
		c.fail(n.At, "expr.type", fmt.Sprintf("a %s is not cast to %s", from, n.Type), hints[[2]Type{from, n.Type}])
	}
	return n.Type
}

func (c *checker) call(n *Call) Type {
	f := functionsByName[n.Name]
	if f == nil {
		return c.unknownFunction(n)
	}
	if f.Aggregate {
		if bad := c.enter(n); bad {
			return broken
		}
		defer func() { c.within = nil }()
	}
	args := make([]Type, len(n.Args))
	bad := false
	for i, a := range n.Args {
		args[i] = c.check(a)
		bad = bad || args[i] == broken
	}
	if bad {
		return c.guess(f)
	}
	for i := range f.Forms {
		if form := &f.Forms[i]; c.fits(form, n, args) == nil {
			return c.takes(f, form, n, args)
		}
	}
	return c.misfit(f, n, args)
}

// enter looks into an aggregate; true where none may stand.
func (c *checker) enter(n *Call) bool {
	switch {
	case c.within != nil:
		c.fail(n.At, "expr.aggregate", fmt.Sprintf("the aggregate %s stands inside the aggregate %s", n.Name, c.within.Name), "make the inner one a trait of its own")
		return true
	case !c.scope.Aggregate:
		c.fail(n.At, "expr.aggregate", fmt.Sprintf("%s is an aggregate, and this is one row's value", n.Name), "aggregates stand in the `value` of a trait that reads a source")
		return true
	}
	c.within = n
	return false
}

// guess is the type of a call whose arguments are broken, where there is only one.
func (c *checker) guess(f *Function) Type {
	t := f.Forms[0].Result
	for i := range f.Forms {
		if f.Forms[i].Result != t {
			return broken
		}
	}
	if t == untyped {
		return broken
	}
	return t
}

func (c *checker) unknownFunction(n *Call) Type {
	for _, a := range n.Args {
		c.check(a)
	}
	if slices.Contains(clocks, n.Name) {
		return c.clock(n.At, n.Name+"()")
	}
	hint := suggest(n.Name, functionNames(), "all functions are in docs/expressions.md")
	if other, ok := otherNames[n.Name]; ok {
		hint = "write " + other
	}
	return c.fail(n.Called, "expr.unknown_function", fmt.Sprintf("there is no function %q", n.Name), hint)
}

// param is the parameter that an argument goes to.
func (f *Form) param(i int) *Param {
	if f.Variadic && i >= len(f.Params) {
		i = len(f.Params) - 1
	}
	return &f.Params[i]
}

// fits says why a call is not of a form; nil = it is.
func (c *checker) fits(form *Form, n *Call, args []Type) *misfit {
	switch {
	case n.Star != form.Star:
		return &misfit{arg: -1}
	case n.Distinct && !form.Distinct:
		return &misfit{arg: -2}
	case len(args) < len(form.Params)-form.Optional, len(args) > len(form.Params) && !form.Variadic:
		return &misfit{arg: -1}
	}
	for i, t := range args {
		p := form.param(i)
		if !p.takes(t) {
			return &misfit{arg: i, param: p}
		}
		if p.Needs == nil {
			continue
		}
		l, ok := n.Args[i].(*Literal)
		if !ok || l.Type == untyped {
			return &misfit{arg: i, param: p, written: true}
		}
		if !p.Needs.admits(l.Value) {
			return &misfit{arg: i, param: p, word: true}
		}
	}
	return nil
}

// takes tells whether a parameter takes a value of a type.
func (p *Param) takes(t Type) bool {
	return t == untyped || slices.Contains(p.Types, t)
}

// takes checks what only a chosen form knows: the common type, and literals.
func (c *checker) takes(f *Function, form *Form, n *Call, args []Type) Type {
	c.t.forms[n] = form
	out, common := form.Result, untyped
	for i, t := range args {
		p := form.param(i)
		if p.Needs != nil {
			if message, hint := p.Needs.refuse(n.Args[i].(*Literal).Value); message != "" {
				code := "expr.arguments"
				if p.Name == "pattern" || p.Name == "replacement" {
					code = "expr.pattern"
				}
				c.fail(n.Args[i].span(), code, f.Name+": "+message, hint)
			}
		}
		if p.Varies && len(Columns(&Expr{Root: n.Args[i]})) == 0 {
			c.fail(n.Args[i].span(), "expr.arguments", fmt.Sprintf("%s puts values in order, and this is the same in every row", f.Name), "name a column")
		}
		if !p.Common {
			continue
		}
		u, ok := unify(common, t)
		if !ok {
			return c.fail(n.Args[i].span(), "expr.type", fmt.Sprintf("%s takes values of one type, and this is a %s behind a %s", f.Name, typeName(t), typeName(common)), "cast one of them")
		}
		common = u
	}
	c.replacement(n)
	if out == untyped {
		out = common
	}
	return out
}

// replacement checks that the groups a replacement names are in the pattern.
func (c *checker) replacement(n *Call) {
	if n.Name != "regexp_replace" {
		return
	}
	p, err := parsePattern(n.Args[1].(*Literal).Value)
	parts, err2 := parseReplacement(n.Args[2].(*Literal).Value)
	if err != nil || err2 != nil {
		return
	}
	for _, r := range parts {
		if r.group > p.groups {
			c.fail(n.Args[2].span(), "expr.pattern", fmt.Sprintf(`\%d names a ( ) that the pattern does not have`, r.group), fmt.Sprintf("it has %d", p.groups))
			return
		}
	}
}
