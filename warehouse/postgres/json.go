package postgres

import (
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// The texts here are the same, byte for byte, as those of the other engines:
// a ledger that moves from one to another must not find a difference.

func asText(expr string) string { return "CAST(" + expr + " AS TEXT)" }

// text is the canonical text of a value.
func text(expr string, t rows.Type) string {
	switch t {
	case rows.Text:
		return expr
	case rows.Decimal:
		return asText("trim_scale(" + expr + ")")
	case rows.Double:
		return doubleText(expr)
	case rows.Timestamp:
		return "to_char(" + expr + `, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
	case rows.TextList:
		return jsonList(expr)
	default:
		return asText(expr)
	}
}

// jsonValue is the canonical JSON text of a value that is not NULL.
func jsonValue(expr string, t rows.Type) string {
	switch t {
	case rows.Text:
		return jsonString(expr)
	case rows.TextList:
		return jsonList(expr)
	case rows.Double:
		return jsonDouble(expr)
	case rows.Date, rows.Timestamp:
		return `'"' || ` + text(expr, t) + ` || '"'`
	default:
		return text(expr, t)
	}
}

// Characters that a JSON string cannot hold as they are, and those among them
// whose number PostgreSQL writes with a small letter.
const (
	escaped  = `'[\x01-\x1f"\\]'`
	lettered = `'[\x0b\x0e\x0f\x1a-\x1f]'`
)

// jsonString quotes a text. Most texts hold nothing to escape, and to look is
// cheaper than to escape.
func jsonString(expr string) string {
	return "CASE WHEN " + expr + " ~ " + escaped + " THEN CASE WHEN " + expr + " ~ " + lettered + " THEN " + upperEscapes("to_json("+asText(expr)+")") +
		" ELSE " + asText("to_json("+asText(expr)+")") + ` END ELSE '"' || ` + expr + ` || '"' END`
}

func jsonList(expr string) string {
	json := "to_json(" + expr + ")"
	return "CASE WHEN " + asText(expr) + " ~ " + lettered + " THEN " + upperEscapes(json) + " ELSE " + asText(json) + " END"
}

// upperEscapes writes the numbers of escaped control characters in capitals.
func upperEscapes(json string) string {
	return `(SELECT string_agg(CASE WHEN p.part[1] LIKE '\\u%' THEN '\u' || upper(substr(p.part[1], 3)) ELSE p.part[1] END, '' ORDER BY p.n)` +
		" FROM regexp_matches(" + asText(json) + `, '\\u[0-9a-f]{4}|\\.|[^\\]+', 'g') WITH ORDINALITY AS p(part, n))`
}

// jsonDouble is the shortest number that reads back the same: plain digits
// from 0.000001 to below 10²¹, else with an exponent; always with a fraction
// or an exponent.
func jsonDouble(expr string) string {
	t := asText(expr)
	plain := asText("CAST(" + t + " AS NUMERIC)")
	return "CASE WHEN strpos(" + t + ", 'e') = 0 THEN " + withFraction(t) +
		" WHEN abs(" + expr + ") >= 0.000001 AND abs(" + expr + ") < 1e21 THEN " + withFraction(plain) +
		" ELSE regexp_replace(replace(" + t + `, 'e+', 'e'), 'e-0', 'e-') END`
}

func withFraction(number string) string {
	return "CASE WHEN strpos(" + number + ", '.') = 0 THEN " + number + " || '.0' ELSE " + number + " END"
}

// doubleText is a double as text: its exponent begins one digit later than the server's own.
func doubleText(expr string) string {
	t := asText(expr)
	return "CASE WHEN strpos(" + t + ", '.') = 0 AND " + t + ` ~ '^-?\d+$' THEN ` + t + " || '.0' WHEN abs(" + expr + ") >= 1e15 AND abs(" + expr + ") < 1e16 THEN " +
		withFraction(asText("CAST("+t+" AS NUMERIC)")) + " ELSE " + t + " END"
}

// jsonMember is a member of an object as the object's text has it.
func jsonMember(object, name string) string {
	return asText("CAST(" + object + " AS JSON) -> " + quoteText(name))
}

func jsonMembers(object string, names []string) (string, func(string, int) string) {
	item := func(alias string, i int) string { return asText(alias + " -> " + quoteText(names[i])) }
	return "CAST(" + object + " AS JSON)", item
}

// compact takes the blanks between the parts of a JSON text out.
func compact(expr string) string {
	t := asText(expr)
	return "CAST(CASE WHEN " + t + ` ~ '\s' THEN regexp_replace(` + t + `, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') ELSE ` + t + " END AS JSON)"
}

// notJSON is true for values that JSON has no word for. What PostgreSQL takes
// for JSON is JSON.
func notJSON(expr string, t rows.Type) string {
	switch t {
	case rows.Double:
		return "NOT (abs(" + expr + ") < CAST('Infinity' AS DOUBLE PRECISION))"
	case rows.Decimal:
		return expr + " = CAST('NaN' AS NUMERIC)"
	case rows.Date:
		return expr + " NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
	case rows.Timestamp:
		return expr + " NOT BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
	default:
		return "FALSE"
	}
}

// isJSON tells whether a native type is one of the two that hold JSON.
func isJSON(native string) bool {
	return strings.EqualFold(native, "json") || strings.EqualFold(native, "jsonb")
}
