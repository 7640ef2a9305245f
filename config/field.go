// Package config turns a folder of YAML into positioned sections. A field is
// declared once; decoding, linting, the reference in docs/, the JSON Schema for
// editors and the masking of secrets all come from that declaration.
package config

// Kind is what a field's value is.
type Kind uint8

// The kinds.
const (
	String Kind = iota + 1
	Int         // a whole number
	Bool
	Duration // 15m, 6h, 90d
	Share    // 10% or 0.1
	Scalar   // any scalar, kept with its YAML type
	Any      // any value at all
	Object   // a section with Fields
	List     // of Of
	Map      // name → Of, names are the user's
)

// Field is one key of a section.
type Field struct {
	Name     string
	Kind     Kind
	Doc      string // one or two sentences; required
	Default  string // as it would be written; "" = none ("—" in the reference)
	Example  string
	Required bool
	Secret   bool     // never printed, logged, put in a plan or sent to a page
	Vars     bool     // ${NAME}, ${NAME:-default} and ${file:…} are read here
	Enum     []string // the values that are allowed
	Later    []string // values that are known and not built: refused, and said so
	Fields   []Field  // of an Object
	Of       *Field   // of a List or a Map
	// Short is the key a bare scalar stands for, where an Object may be written
	// as one: `tier: tier` for `tier: {from: tier}`.
	Short string
	// Raw: an Any that is decoded later, by fields that depend on what it holds.
	Raw bool
	// NotYet says that the key is known and not built: using it is a finding
	// with this sentence, never silence.
	NotYet string
}
