package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Printer writes checked expressions in one dialect.
type Printer struct {
	// Column is how a column is written, of its type in Weir; nil = its quoted name,
	// behind that of its source where it has one.
	Column func(Column) string
	// AsOf is the moment that as_of() means.
	AsOf time.Time

	d dialect
}

// NewPrinter prints for a dialect by its name.
func NewPrinter(name string) (*Printer, error) {
	d, ok := dialects[name]
	if !ok {
		return nil, fmt.Errorf("expressions are not written for %q (the dialects are %s)", name, strings.Join(Dialects, ", "))
	}
	return &Printer{d: *d}, nil
}

// For prints for a warehouse, with its own quoting of names and texts and its
// own names of types.
func For(w *warehouse.Dialect) (*Printer, error) {
	p, err := NewPrinter(w.Name)
	if err != nil {
		return nil, err
	}
	if w.Quote != nil {
		p.d.quote = w.Quote
	}
	if w.String != nil {
		p.d.str = w.String
	}
	if w.TypeNames != nil {
		p.d.types = w.TypeNames
	}
	return p, nil
}

// Value is the SQL of an expression, of exactly its type.
func (p *Printer) Value(t *Typed) (string, error) {
	w := &writer{p: p, t: t, budget: maxSize}
	s := w.as(t.Expr.Root, t.Type)
	if p.d.forgets && folds(t.Expr.Root) {
		s = tight("CAST(" + s.sql + " AS " + p.d.types[t.Type] + ")")
	}
	return s.sql, w.err
}

// folds tells whether some operator or function of a tree reads no column, or
// a null is written beside something.
func folds(root Node) bool {
	found := false
	var reads func(Node) bool
	reads = func(n Node) bool {
		switch n := n.(type) {
		case *Ref:
			return true
		case *Literal:
			found = found || n.Type == untyped && n != root
			return false
		case *Call:
			if len(n.Args) == 0 {
				return true
			}
		}
		any := false
		for _, k := range n.kids() {
			any = reads(k) || any
		}
		found = found || !any
		return any
	}
	reads(root)
	return found
}

// absent tells whether a value is NULL because one that is written null is
// reckoned with, or divided by a 0. Engines that are shown such a thing may
// forget its type.
func absent(n Node) bool {
	switch n := n.(type) {
	case *Literal:
		return n.Type == untyped
	case *Cast:
		return absent(n.X)
	case *Unary:
		return n.Op == "-" && absent(n.X)
	case *Binary:
		return binds[n.Op] >= bindConcat && (absent(n.L) || absent(n.R)) || (n.Op == "/" || n.Op == "%") && zero(n.R)
	case *Call:
		f := functionsByName[n.Name]
		return f != nil && !f.Aggregate && f.strict() && (slices.ContainsFunc(n.Args, absent) || (n.Name == "mod" || n.Name == "div") && zero(n.Args[1]))
	}
	return false
}

// zero tells whether a node is a number 0 that is written out.
func zero(n Node) bool {
	l, ok := n.(*Literal)
	return ok && isNumber(l.Type) && strings.Trim(l.Value, "0.e-") == ""
}

// Condition is the SQL of an expression that is true or false and never NULL.
func (p *Printer) Condition(t *Typed) (string, error) {
	if t.Type != rows.Bool {
		return "", fmt.Errorf("a %s is no condition", t.Type)
	}
	sql, err := p.Value(t)
	return Bool(sql), err
}

// Bool makes a condition two-valued: what is unknown is false.
func Bool(sql string) string { return "COALESCE(" + sql + ", FALSE)" }

var (
	errTooLarge = errors.New("the expression grows too long when it is written as SQL")
	errNoMoment = errors.New("as_of() has no moment here: Printer.AsOf is not set")
)

// size checks, in every dialect, that an expression does not grow too long:
// some functions say an argument several times.
func (c *checker) size() {
	for _, name := range Dialects {
		p := &Printer{d: *dialects[name], AsOf: time.Unix(0, 0)}
		if _, err := p.Value(c.t); err != nil {
			c.fail(Span{0, len(c.t.Expr.Text)}, "expr.too_large", fmt.Sprintf("%s (%s)", err, name), "split it into several traits")
			return
		}
	}
}

// frag is a piece of SQL; a loose one needs parentheses inside another.
type frag struct {
	sql   string
	loose bool
}

func (f frag) tight() string {
	if f.loose {
		return "(" + f.sql + ")"
	}
	return f.sql
}

func tight(sql string) frag { return frag{sql: sql} }
func loose(sql string) frag { return frag{sql, true} }

// writer writes one expression once.
type writer struct {
	p      *Printer
	t      *Typed
	budget int // nodes that may still be written
	err    error
}

func (w *writer) fail(err error) frag {
	if w.err == nil {
		w.err = err
	}
	return tight("NULL")
}

// as writes a node as a value of exactly a type.
func (w *writer) as(n Node, want Type) frag {
	have := w.t.types[n]
	if l, ok := n.(*Literal); ok {
		return w.literalAs(l, want)
	}
	f := w.node(n)
	if have == want || have == untyped || want == untyped {
		return f
	}
	s, ok := castSpelling(have, want)
	if !ok {
		return w.fail(fmt.Errorf("a %s does not become a %s", have, want))
	}
	return w.template(s.of(w.p.d.name), &args{n: []Node{n}, as: []Type{untyped}})
}

// literalAs writes a literal as a value of a type.
func (w *writer) literalAs(l *Literal, want Type) frag {
	if l.Type == want || want == untyped {
		return w.literal(l)
	}
	c := Literal{Type: want, Value: l.Value}
	switch {
	case l.Type == untyped:
		return tight("CAST(NULL AS " + w.p.d.types[want] + ")")
	case want == rows.Decimal:
		c.Value += ".0"
	case want == rows.Double:
		d, _, _ := numberLiteral(l.Value + "e0")
		c.Value = d.Value
	case want == rows.Timestamp:
		c.Value += "T00:00:00Z"
	}
	return w.literal(&c)
}

// literal writes a literal of exactly its type.
func (w *writer) literal(l *Literal) frag {
	d := &w.p.d
	plain := func(layout, value string) frag {
		s := fmt.Sprintf(layout, value)
		return frag{s, strings.HasPrefix(s, "-")}
	}
	switch l.Type {
	case rows.Text:
		return tight(d.str(l.Value))
	case rows.Int:
		return plain(d.integer, l.Value)
	case rows.Decimal:
		return plain(d.decimal, l.Value)
	case rows.Double:
		return plain(d.double, strings.ToUpper(l.Value))
	case rows.Bool:
		return tight(strings.ToUpper(l.Value))
	case rows.Date:
		return plain(d.date, d.str(l.Value))
	case rows.Timestamp:
		return tight(w.moment(l.Value))
	}
	return tight("NULL")
}

// moment is a timestamp literal of an RFC 3339 text in UTC.
func (w *writer) moment(rfc3339 string) string {
	d := &w.p.d
	value := strings.TrimSuffix(strings.Replace(rfc3339, "T", " ", 1), "Z")
	if d.name == "bigquery" {
		value += "+00"
	}
	return fmt.Sprintf(d.timestamp, d.str(value))
}

// beside writes a value that stands beside another number, where engines
// bring both to a common type by themselves: literals stay as they are.
func (w *writer) beside(n Node) frag {
	l, ok := n.(*Literal)
	if !ok || l.Type != rows.Int && l.Type != rows.Decimal || l.Value == "-9223372036854775808" {
		return w.node(n)
	}
	s := l.Value
	if l.Type == rows.Decimal {
		s = fmt.Sprintf(w.p.d.operand, s)
	}
	return frag{s, strings.HasPrefix(s, "-")}
}

// node writes a node of its own type.
func (w *writer) node(n Node) frag {
	if w.budget--; w.budget < 0 || w.err != nil {
		return w.fail(errTooLarge)
	}
	if absent(n) && w.t.types[n] != untyped {
		return tight("CAST(NULL AS " + w.p.d.types[w.t.types[n]] + ")")
	}
	switch n := n.(type) {
	case *Literal:
		return w.literal(n)
	case *Ref:
		return tight(w.column(w.t.columns[n]))
	case *Unary:
		if n.Op == "not" {
			return loose("NOT " + w.node(n.X).tight())
		}
		return loose("-" + w.node(n.X).tight())
	case *Binary:
		return w.binary(n)
	case *Case:
		return w.caseOf(n)
	case *In:
		return w.in(n)
	case *Between:
		x := w.order(n.X, []Node{n.Lo, n.Hi}, n.X)
		return loose(x + not(n.Not, " BETWEEN ") + w.order(n.Lo, []Node{n.X, n.Hi}, nil) + " AND " + w.order(n.Hi, []Node{n.X, n.Lo}, nil))
	case *Like:
		return w.like(n)
	case *IsNull:
		return loose(w.node(n.X).tight() + " IS" + not(n.Not, " NULL"))
	case *Distinct:
		return loose(w.match(n.L, []Node{n.R}) + " IS" + not(n.Not, " DISTINCT FROM ") + w.match(n.R, []Node{n.L}))
	case *Cast:
		return w.cast(n)
	case *Call:
		return w.call(n)
	}
	return w.fail(errors.New("the expression has a part that is none"))
}

func not(is bool, word string) string {
	if is {
		return " NOT" + word
	}
	return word
}

func (w *writer) column(c Column) string {
	switch {
	case w.p.Column != nil:
		return w.p.Column(c)
	case c.Source == "":
		return w.p.d.quote(c.Name)
	}
	return w.p.d.quote(c.Source) + "." + w.p.d.quote(c.Name)
}

// cast writes a cast that was asked for.
func (w *writer) cast(n *Cast) frag {
	from := w.t.types[n.X]
	if from == n.Type || from == untyped {
		return w.as(n.X, n.Type)
	}
	s, ok := castSpelling(from, n.Type)
	if !ok {
		return w.fail(fmt.Errorf("a %s is not cast to %s", from, n.Type))
	}
	return w.template(s.of(w.p.d.name), &args{n: []Node{n.X}, as: []Type{from}})
}
