package hubspot

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

// valueError is a value that HubSpot cannot be told.
type valueError struct{ code, field, why string }

func (e *valueError) Error() string { return e.field + " " + e.why }

// appendValue writes a JSON value of a Weir type as HubSpot wants it: always a
// string, and "" where it is to be cleared.
func appendValue(dst []byte, v []byte, typ rows.Type) ([]byte, *valueError) {
	switch {
	case len(v) == 0 || string(v) == "null":
		return append(dst, `""`...), nil
	case typ == rows.JSON:
		return rows.AppendString(dst, v), nil
	case typ == rows.Timestamp:
		return appendTime(dst, textOf(v))
	case v[0] == '"':
		return append(dst, v...), nil
	case v[0] == '[':
		return appendList(dst, v)
	case v[0] == '{':
		return rows.AppendString(dst, v), nil
	case v[0] == 't', v[0] == 'f':
		return append(append(append(dst, '"'), v...), '"'), nil
	}
	return appendNumber(dst, v), nil
}

// appendNumber writes a number without an exponent.
func appendNumber(dst []byte, v []byte) []byte {
	dst = append(dst, '"')
	text := string(v)
	if strings.ContainsAny(text, "eE") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			text = strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return append(append(dst, text...), '"')
}

// appendTime writes a moment with milliseconds, which is as fine as HubSpot keeps it.
func appendTime(dst []byte, text string) ([]byte, *valueError) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return dst, &valueError{code: "invalid_time", why: "is not a moment in time"}
	}
	dst = t.UTC().AppendFormat(append(dst, '"'), "2006-01-02T15:04:05.000Z")
	return append(dst, '"'), nil
}

// appendList joins the options of a list with semicolons.
func appendList(dst []byte, v []byte) ([]byte, *valueError) {
	var all []string
	for el := range destinations.Elements(v) {
		if string(el) == "null" {
			continue
		}
		text := gjson.ParseBytes(el).String()
		if strings.Contains(text, ";") {
			return dst, &valueError{code: "invalid_option", why: "holds a value with a semicolon, which HubSpot reads as two"}
		}
		all = append(all, text)
	}
	return rows.AppendString(dst, []byte(strings.Join(all, ";"))), nil
}
