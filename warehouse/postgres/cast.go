package postgres

import (
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// What a text must look like to be cast, as regular expressions: the server
// has no cast that gives NULL, so a text is looked at before.
const (
	wholeNumber = `^\s*[+-]?\d{1,40}\s*$`
	number      = `^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*$`
	noNumber    = `^\s*(nan|[+-]?inf(inity)?)\s*$`
	clock       = `(([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?|24:00(:00(\.0+)?)?)`
	offset      = `(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?)`
	// withOffset matches text that says its own offset from UTC behind a time of day.
	withOffset = `\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|UTC|[+-]\d\d(:?\d\d)?)\s*$`
)

// day matches the days that there are, of the years 1 to 9999.
func day(sep string) string {
	long, short := `(0?[13578]|1[02])`+sep+`(0?[1-9]|[12]\d|3[01])`, `(0?[469]|11)`+sep+`(0?[1-9]|[12]\d|30)`
	february, leap := `0?2`+sep+`(0?[1-9]|1\d|2[0-8])`, `(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)`+sep+`0?2`+sep+`29`
	return `((?!0000)\d{4}` + sep + `(` + long + `|` + short + `|` + february + `)|(?!0000)` + leap + `)`
}

// moment matches a day, and a time of day behind it where there is one.
var moment = `^\s*(` + day("-") + `|` + day("/") + `)([ T]+` + clock + `\s*` + offset + `?)?\s*$`

// The bounds of a bigint, of a decimal(38,9) and of a double.
const (
	intBounds     = "BETWEEN -9223372036854775808 AND 9223372036854775807"
	decimalBounds = "BETWEEN -99999999999999999999999999999.999999999 AND 99999999999999999999999999999.999999999"
	doubleBounds  = "BETWEEN 5e-324 AND 1.7976931348623157e308"
)

func as(expr string, t rows.Type) string { return "CAST(" + expr + " AS " + columnTypes[t] + ")" }

func numeric(t rows.Type) bool { return t == rows.Int || t == rows.Decimal || t == rows.Double }

// cast brings a column to one of Weir's types, or fails the query.
func cast(expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
	textual := asText(expr)
	switch to {
	case rows.Timestamp:
		return timestamp(expr, from, zone)
	case rows.JSON:
		if isJSON(from.Native) {
			return compact(expr)
		}
		return "to_json(" + expr + ")"
	case rows.Text:
		if from.Native == "bytea" {
			return "replace(encode(" + expr + ", 'base64'), chr(10), '')"
		}
		if from.Native == "inet" {
			return when(expr+" IS NOT NULL", "format('%s', "+expr+")") // a cast adds /32 to an address
		}
		return textual
	case rows.Int:
		if from.Type == rows.Bool {
			return as("CAST("+expr+" AS INTEGER)", to)
		}
	case rows.Decimal:
		if from.Type == rows.Double {
			return as("CAST("+textual+" AS NUMERIC)", to) // all its digits; a plain cast keeps fifteen
		}
	case rows.Bool:
		if numeric(from.Type) {
			return "(" + expr + " <> 0)"
		}
	case rows.Date:
		if from.Type == rows.Timestamp {
			return as(timestamp(expr, from, "UTC"), to)
		}
	}
	if from.Type == to || numeric(from.Type) && numeric(to) {
		return as(expr, to)
	}
	return as(textual, to)
}

// timestamp is a moment in UTC. One without a zone is read in the given one;
// text may say its offset itself.
func timestamp(expr string, from warehouse.NativeColumn, zone string) string {
	plain := expr
	if from.Type != rows.Timestamp && from.Type != rows.Date {
		plain = asText(expr)
	}
	naive := as(plain, rows.Timestamp)
	if zone != "" && zone != "UTC" {
		naive = "((" + naive + " AT TIME ZONE " + quoteText(zone) + ") AT TIME ZONE 'UTC')"
	}
	switch {
	case hasZone(from.Native):
		return "(" + expr + " AT TIME ZONE 'UTC')"
	case from.Type != rows.Timestamp && from.Type != rows.Date:
		return "CASE WHEN " + plain + " ~ " + quoteText(withOffset) + " THEN (CAST(" + plain + " AS TIMESTAMPTZ) AT TIME ZONE 'UTC') ELSE " + naive + " END"
	default:
		return naive
	}
}

func hasZone(native string) bool {
	return strings.HasPrefix(native, "timestamp") && strings.HasSuffix(native, "with time zone") || native == "timestamptz"
}

// canFail tells whether some value of a column has no place in Weir's type.
func canFail(from warehouse.NativeColumn, to rows.Type) bool {
	switch to {
	case rows.Text, rows.JSON:
		return false
	case rows.Decimal:
		return from.Type != rows.Int && (from.Type != rows.Decimal || !narrow(from.Native))
	case rows.Double:
		return from.Type != rows.Int && from.Type != rows.Double && (from.Type != rows.Decimal || !narrow(from.Native))
	default:
		return from.Type != to
	}
}

// narrow tells whether a number type has at most the 29 digits before the
// point that Weir's decimal has.
func narrow(native string) bool {
	return native == "decimal" || warehouse.FitsDecimal(native, "numeric") // the first is Weir's own
}

// tryCast is cast, with NULL for what has no place in the type.
func tryCast(expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
	if !canFail(from, to) {
		return cast(expr, from, to, zone)
	}
	done, t := cast(expr, from, to, zone), asText(expr)
	switch to {
	case rows.Int:
		return tryInt(expr, from, done)
	case rows.Decimal:
		return tryDecimal(expr, from, done)
	case rows.Double:
		return tryDouble(expr, from, done)
	case rows.Bool:
		if numeric(from.Type) {
			return done
		}
		return "CASE WHEN lower(" + t + ") IN ('true', 't', 'yes', 'y', '1') THEN TRUE WHEN lower(" + t + ") IN ('false', 'f', 'no', 'n', '0') THEN FALSE END"
	case rows.TextList:
		if isJSON(from.Native) {
			return "CASE WHEN json_typeof(CAST(" + expr + " AS JSON)) = 'array' THEN ARRAY(SELECT json_array_elements_text(CAST(" + expr + " AS JSON))) END"
		}
		return "CAST(NULL AS TEXT[])"
	}
	if from.Type == rows.Date { // to a timestamp, whose years end before a date's
		return when(expr+" < DATE '294277-01-01'", done)
	}
	if from.Type == rows.Timestamp {
		return done
	}
	return when(t+" ~ "+quoteText(moment), done)
}

func when(cond, then string) string { return "CASE WHEN " + cond + " THEN " + then + " END" }

func tryInt(expr string, from warehouse.NativeColumn, done string) string {
	switch from.Type {
	case rows.Bool:
		return done
	case rows.Decimal:
		return when("round("+expr+") "+intBounds, done)
	case rows.Double:
		return when(expr+" >= -9223372036854775808 AND "+expr+" < 9223372036854775808", done)
	}
	t := asText(expr)
	return when(t+" ~ "+quoteText(wholeNumber), when("CAST("+t+" AS NUMERIC) "+intBounds, done))
}

func tryDecimal(expr string, from warehouse.NativeColumn, done string) string {
	t := asText(expr)
	switch from.Type {
	case rows.Decimal:
		return when("round("+expr+", 9) "+decimalBounds, done)
	case rows.Double:
		return when("round(CAST("+t+" AS NUMERIC), 9) "+decimalBounds, done)
	}
	return when("length("+t+") < 400 AND "+t+" ~ "+quoteText(number), when("round(CAST("+t+" AS NUMERIC), 9) "+decimalBounds, done))
}

func tryDouble(expr string, from warehouse.NativeColumn, done string) string {
	t := asText(expr)
	size := "abs(CAST(" + t + " AS NUMERIC))"
	fits := when(size+" = 0 OR "+size+" "+doubleBounds, done)
	if from.Type == rows.Decimal {
		return fits
	}
	return "CASE WHEN " + t + " ~* " + quoteText(noNumber) + " THEN " + done + " WHEN length(" + t + ") < 400 AND " + t + " ~ " + quoteText(number) + " THEN " + fits + " END"
}
