package expr

import (
	"slices"

	"github.com/weir-data/weir/internal/rows"
)

// numeric are the number types, each of which the ones behind it can hold.
var numeric = []Type{rows.Int, rows.Decimal, rows.Double}

func isNumber(t Type) bool { return slices.Contains(numeric, t) }

func isTime(t Type) bool { return t == rows.Date || t == rows.Timestamp }

// widens tells whether a value of one type becomes another without being
// asked: a bigint a decimal or a double, a decimal a double, a date its
// midnight in UTC, null anything.
func widens(from, to Type) bool {
	switch {
	case from == to, from == untyped, from == broken, to == broken:
		return true
	case isNumber(from) && isNumber(to):
		return slices.Index(numeric, from) < slices.Index(numeric, to)
	default:
		return from == rows.Date && to == rows.Timestamp
	}
}

// unify is the type that two types have in common; false where there is none.
func unify(a, b Type) (Type, bool) {
	switch {
	case a == broken || b == broken:
		return broken, true
	case widens(a, b):
		return b, true
	case widens(b, a):
		return a, true
	}
	return broken, false
}

// typeName is a type for a message.
func typeName(t Type) string {
	if t == untyped {
		return "null"
	}
	return t.String()
}
