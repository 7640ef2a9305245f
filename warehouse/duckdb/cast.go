package duckdb

import (
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// withOffset matches text that says its own offset from UTC behind a time of day.
const withOffset = `\d:\d\d(:\d\d(\.\d+)?)? *(Z|UTC|[+-]\d\d(:?\d\d)?)$`

// cast brings a column to one of Weir's types.
func cast(how, expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
	switch to {
	case rows.Timestamp:
		return timestamp(how, expr, from, zone)
	case rows.JSON:
		if strings.EqualFold(from.Native, "JSON") {
			// json takes blanks out, and digits out of long numbers: those stay as they are.
			return "CASE WHEN regexp_matches(" + expr + `, '\d{16}') THEN ` + expr + " ELSE json(" + expr + ") END"
		}
		return "to_json(" + expr + ")"
	case rows.Text:
		if from.Native == "BLOB" {
			return "base64(" + expr + ")"
		}
	}
	return how + "(" + expr + " AS " + columnTypes[to] + ")"
}

// timestamp is a moment in UTC. One without a zone is read in the given one;
// text may say its offset itself.
func timestamp(how, expr string, from warehouse.NativeColumn, zone string) string {
	naive := how + "(" + expr + " AS TIMESTAMP)"
	if zone != "" && zone != "UTC" {
		naive = "((" + naive + " AT TIME ZONE " + quoteText(zone) + ") AT TIME ZONE 'UTC')"
	}
	switch {
	case from.Native == "TIMESTAMP WITH TIME ZONE" || from.Native == "TIMESTAMPTZ":
		return "(" + expr + " AT TIME ZONE 'UTC')"
	case from.Type == rows.Text:
		offset := "(" + how + "(" + expr + " AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
		return "CASE WHEN regexp_matches(CAST(" + expr + " AS VARCHAR), " + quoteText(withOffset) + ") THEN " + offset + " ELSE " + naive + " END"
	default:
		return naive
	}
}

// canFail tells whether some value of a column has no place in Weir's type.
func canFail(from warehouse.NativeColumn, to rows.Type) bool {
	switch to {
	case rows.Text, rows.JSON:
		return false
	case rows.Decimal:
		switch from.Type {
		case rows.Decimal:
			return !narrow(from.Native)
		case rows.Int:
			return false
		}
		return true
	case rows.Double:
		return from.Type != rows.Int && from.Type != rows.Decimal && from.Type != rows.Double
	case rows.Timestamp:
		return !strings.EqualFold(from.Native, "TIMESTAMP") && !strings.HasSuffix(from.Native, "TIME ZONE")
	default:
		return from.Type != to
	}
}

// narrow tells whether a number type has at most the 29 digits before the
// point that Weir's decimal has.
func narrow(native string) bool {
	return native == "UBIGINT" || native == "decimal" || warehouse.FitsDecimal(native, "DECIMAL")
}

// liberties is what DuckDB's reader of JSON lets pass and others do not.
const liberties = `'(?i)nan|inf|,\s*[\]}]'`

// notJSON is true for values that JSON has no word for.
func notJSON(expr string, t rows.Type) string {
	switch t {
	case rows.Double:
		return "NOT isfinite(" + expr + ")"
	case rows.Date:
		return expr + " NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
	case rows.Timestamp:
		return expr + " NOT BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
	case rows.JSON:
		// DuckDB takes NaN, Infinity and a last comma for JSON: they are looked for outside of strings.
		raw := "CAST(" + expr + " AS VARCHAR)"
		return "(regexp_matches(" + raw + ", " + liberties + ") AND regexp_matches(regexp_replace(" + raw + `, '"([^"\\]|\\.)*"', '""', 'g'), ` + liberties + "))"
	default:
		return "FALSE"
	}
}

// text is the canonical text of a value.
func text(expr string, t rows.Type) string {
	switch t {
	case rows.Text:
		return expr
	case rows.Decimal:
		return "rtrim(rtrim(CAST(" + expr + " AS VARCHAR), '0'), '.')"
	case rows.Timestamp:
		return "strftime(" + expr + ", '%Y-%m-%dT%H:%M:%S.%fZ')"
	case rows.TextList:
		return "CAST(to_json(" + expr + ") AS VARCHAR)"
	default:
		return "CAST(" + expr + " AS VARCHAR)"
	}
}

// jsonValue is the canonical JSON text of a value that is not NULL.
func jsonValue(expr string, t rows.Type) string {
	switch t {
	case rows.Text, rows.TextList, rows.Double:
		return "CAST(to_json(" + expr + ") AS VARCHAR)"
	case rows.Date, rows.Timestamp:
		return `'"' || ` + text(expr, t) + ` || '"'`
	default:
		return text(expr, t)
	}
}
