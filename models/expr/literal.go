package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
)

// castTypes are the types by name; otherTypes what other languages call them.
var (
	castTypes  = []string{"text", "bigint", "double", "decimal", "bool", "date", "timestamp"}
	otherTypes = map[string]string{"varchar": "text", "string": "text", "char": "text", "int": "bigint", "integer": "bigint", "int64": "bigint", "smallint": "bigint", "float": "double",
		"float64": "double", "real": "double", "numeric": "decimal", "number": "decimal", "boolean": "bool", "datetime": "timestamp", "timestamptz": "timestamp", "json": "json_text(x, 'path') for a part of a JSON value"}
)

// castType is the type of a name in cast(x as name).
func castType(name string) (Type, bool) {
	for _, n := range castTypes {
		if strings.EqualFold(n, name) {
			return rows.ParseType(n)
		}
	}
	return 0, false
}

// numberLiteral reads digits: whole ones are a bigint, ones with a point a
// decimal, ones with an exponent a double. A message says what is wrong.
func numberLiteral(written string) (l *Literal, message, hint string) {
	digits, negative := strings.CutPrefix(written, "-")
	switch {
	case digits == "" || strings.Trim(digits, "0123456789.eE+-") != "":
		return nil, fmt.Sprintf("%q is not a number", written), ""
	case strings.ContainsAny(digits, "eE"):
		f, err := strconv.ParseFloat(written, 64)
		if err != nil || math.IsInf(f, 0) {
			return nil, fmt.Sprintf("%s is no double", written), "they reach from -1.79e308 to 1.79e308"
		}
		return &Literal{Type: rows.Double, Value: doubleText(f)}, "", ""
	case strings.Contains(digits, "."):
		return decimalLiteral(written, digits, negative)
	}
	if n, err := strconv.ParseInt(written, 10, 64); err == nil {
		return &Literal{Type: rows.Int, Value: strconv.FormatInt(n, 10)}, "", ""
	}
	return nil, fmt.Sprintf("%s is too large for a bigint", written), "write it as a double: 1e20"
}

// doubleText always has an exponent: that is what makes it a double.
func doubleText(f float64) string {
	if f == 0 {
		return "0e0" // also of minus zero, which engines do not agree on
	}
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	n, _ := strconv.Atoi(exponent)
	return digits + "e" + strconv.Itoa(n)
}

func decimalLiteral(written, digits string, negative bool) (l *Literal, message, hint string) {
	whole, fraction, _ := strings.Cut(digits, ".")
	if strings.Trim(whole+fraction, "0123456789") != "" || whole+fraction == "" {
		return nil, fmt.Sprintf("%q is not a number", written), ""
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(whole) > 29 || len(fraction) > 9 {
		return nil, fmt.Sprintf("%s has too many digits for a decimal", written), "a decimal has 29 digits before the point and 9 behind it; with an exponent it is a double: 1.5e0"
	}
	value := orZero(whole) + "." + orZero(fraction)
	if negative && value != "0.0" {
		value = "-" + value
	}
	return &Literal{Type: rows.Decimal, Value: value}, "", ""
}

func orZero(digits string) string {
	if digits == "" {
		return "0"
	}
	return digits
}

// moments are the ways a timestamp may be written; without an offset it is UTC.
var moments = []string{"2006-01-02T15:04:05.999999Z07:00", "2006-01-02T15:04:05.999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02"}

// momentLiteral reads a date or a timestamp.
func momentLiteral(what, written string) (l *Literal, message, hint string) {
	if what == "date" {
		d, err := time.Parse(time.DateOnly, written)
		if err != nil || d.Year() < 1 {
			return nil, fmt.Sprintf("%q is not a date", written), "write date '2026-01-31'"
		}
		return &Literal{Type: rows.Date, Value: written}, "", ""
	}
	for _, layout := range moments {
		t, err := time.Parse(layout, strings.Replace(written, " ", "T", 1))
		if t = t.UTC(); err == nil && t.Year() >= 1 && t.Year() <= 9999 && t.Nanosecond()%1000 == 0 {
			return &Literal{Type: rows.Timestamp, Value: t.Format(time.RFC3339Nano)}, "", ""
		}
	}
	return nil, fmt.Sprintf("%q is not a timestamp", written), "write timestamp '2026-01-31 08:30:00', which is UTC, or with an offset: '2026-01-31T08:30:00+01:00'"
}

// sound tells whether a literal's value is what its type needs: of one that
// was parsed it always is, of one that was built it may not be.
func sound(l *Literal) bool {
	var canonical *Literal
	switch l.Type {
	case untyped:
		return l.Value == ""
	case rows.Text:
		return !strings.ContainsRune(l.Value, 0) && strings.ToValidUTF8(l.Value, "") == l.Value
	case rows.Bool:
		return l.Value == "true" || l.Value == "false"
	case rows.Int, rows.Decimal, rows.Double:
		canonical, _, _ = numberLiteral(l.Value)
	case rows.Date:
		canonical, _, _ = momentLiteral("date", l.Value)
	case rows.Timestamp:
		canonical, _, _ = momentLiteral("timestamp", l.Value)
	}
	return canonical != nil && canonical.Type == l.Type && canonical.Value == l.Value
}
