package expr

// Span is bytes of an expression's text; zero for nodes that were built.
type Span struct{ Offset, Length int }

// Node is one part of an expression's tree: *Literal, *Ref, *Unary, *Binary,
// *Case, *In, *Between, *Like, *IsNull, *Distinct, *Cast or *Call.
type Node interface {
	span() Span
	// kids are the nodes right below, in the order written.
	kids() []Node
}

// Literal is a value. Value is canonical: a number in digits, a text as it is,
// "true" or "false", a date as 2026-01-31, a timestamp as RFC 3339 in UTC; ""
// for null, whose Type is 0.
type Literal struct {
	At    Span
	Type  Type
	Value string
}

// Ref is a column, by its name alone or behind the name of its source. Quoted
// names mean a column even where the word means something else.
type Ref struct {
	At             Span
	Source, Column string
	Quoted         bool
}

// Unary is "-" or "not" before a value.
type Unary struct {
	At Span
	Op string
	X  Node
}

// Binary is an operator between two values: + - * / % || = <> < <= > >= and or.
type Binary struct {
	At   Span // from the left operand's start to the right one's end
	Sign Span // of the operator alone
	Op   string
	L, R Node
}

// When is one branch of a case.
type When struct{ If, Then Node }

// Case is a searched case, or a simple one that compares its operand.
type Case struct {
	At      Span
	Operand Node // nil of a searched case
	Whens   []When
	Else    Node // nil where there is none
}

// In is `x in (…)`.
type In struct {
	At   Span
	Not  bool
	X    Node
	List []Node
}

// Between is `x between lo and hi`.
type Between struct {
	At        Span
	Not       bool
	X, Lo, Hi Node
}

// Like is `x like pattern`.
type Like struct {
	At         Span
	Not        bool
	X, Pattern Node
}

// IsNull is `x is null`.
type IsNull struct {
	At  Span
	Not bool
	X   Node
}

// Distinct is `l is distinct from r`: two-valued, NULLs are equal to each other.
type Distinct struct {
	At   Span
	Not  bool
	L, R Node
}

// Cast is `cast(x as type)`: NULL for values that have no place in the type.
type Cast struct {
	At   Span
	X    Node
	Type Type
}

// Call is a function. Star is count(*), Distinct is f(distinct x).
type Call struct {
	At             Span
	Called         Span // of the name alone
	Name           string
	Args           []Node
	Star, Distinct bool
}

func (n *Literal) span() Span  { return n.At }
func (n *Ref) span() Span      { return n.At }
func (n *Unary) span() Span    { return n.At }
func (n *Binary) span() Span   { return n.At }
func (n *Case) span() Span     { return n.At }
func (n *In) span() Span       { return n.At }
func (n *Between) span() Span  { return n.At }
func (n *Like) span() Span     { return n.At }
func (n *IsNull) span() Span   { return n.At }
func (n *Distinct) span() Span { return n.At }
func (n *Cast) span() Span     { return n.At }
func (n *Call) span() Span     { return n.At }

func (n *Literal) kids() []Node  { return nil }
func (n *Ref) kids() []Node      { return nil }
func (n *Unary) kids() []Node    { return []Node{n.X} }
func (n *Binary) kids() []Node   { return []Node{n.L, n.R} }
func (n *In) kids() []Node       { return append([]Node{n.X}, n.List...) }
func (n *Between) kids() []Node  { return []Node{n.X, n.Lo, n.Hi} }
func (n *Like) kids() []Node     { return []Node{n.X, n.Pattern} }
func (n *IsNull) kids() []Node   { return []Node{n.X} }
func (n *Distinct) kids() []Node { return []Node{n.L, n.R} }
func (n *Cast) kids() []Node     { return []Node{n.X} }
func (n *Call) kids() []Node     { return n.Args }

func (n *Case) kids() []Node {
	var out []Node
	if n.Operand != nil {
		out = append(out, n.Operand)
	}
	for _, w := range n.Whens {
		out = append(out, w.If, w.Then)
	}
	if n.Else != nil {
		out = append(out, n.Else)
	}
	return out
}

// walk visits a node and all below it, in the order written.
func walk(n Node, visit func(Node)) {
	visit(n)
	for _, k := range n.kids() {
		walk(k, visit)
	}
}

// deep tells whether a tree is deeper than a limit, without going any deeper.
func deep(n Node, limit int) bool {
	if limit == 0 {
		return true
	}
	for _, k := range n.kids() {
		if deep(k, limit-1) {
			return true
		}
	}
	return false
}

// Columns are the columns that an expression reads, each once, in the order
// they are first written; the names are as written.
func Columns(e *Expr) []Ref {
	var out []Ref
	seen := map[[2]string]bool{}
	walk(e.Root, func(n Node) {
		r, ok := n.(*Ref)
		if !ok || seen[[2]string{r.Source, r.Column}] {
			return
		}
		seen[[2]string{r.Source, r.Column}] = true
		out = append(out, *r)
	})
	return out
}
