package models

import (
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Query is what one sync wants, compiled: a relation of typed columns and the
// expressions over it that a plan is made of. Layers are kept apart so that a
// plan computes a payload only for the rows that differ.
type Query struct {
	// Steps end in a relation named Relation with one row per source row. Its
	// columns are typed: Key (of KeyType), one column per mapped field, and
	// problem, consent and entity_id where HasProblem, HasConsent, HasEntity say so.
	Steps    []warehouse.CTE
	Relation string
	KeyType  rows.Type // Int or Text

	Fields []QueryField // mapped fields, in declared order
	Match  []QueryField // match fields; empty = the key is the match
	// MatchIsKey: match and key are the same value, so two rows share one only if they share the other.
	MatchIsKey bool

	Problem string // expression: a code and a column as 'code:column', or NULL
	// Fault is the text at fault, as the source has it, of a row with a problem; an
	// expression over the relation once Faulty stands for its last step. It is
	// masked before anybody sees it. "" where no problem has one.
	Fault  string
	Faulty warehouse.CTE

	Consent string   // expression: 'ok' | 'withdrawn' | 'missing'; "" = all are ok
	Entity  string   // expression: the entity's id as text; "" = none
	At      string   // events: the time column's expression, a timestamp; "" otherwise
	OrderBy []string // for on_duplicate: first
}

// QueryField is one destination field as a column of the relation.
type QueryField struct {
	Name  string // the destination's name
	Expr  string // the column in the relation, quoted
	Type  rows.Type
	Set   string // always | created
	Nulls string // "" | skip | clear
	PII   string
}

// DestinationFields are the mapped fields as a destination wants to know them.
func DestinationFields(fs []QueryField) []destinations.FieldInfo {
	out := make([]destinations.FieldInfo, len(fs))
	for i, f := range fs {
		out[i] = destinations.FieldInfo{Name: f.Name, Type: f.Type}
	}
	return out
}
