package models

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// constant adds a value that is the same in every row, given as JSON text.
func (c *compiler) constant(alias, value string) rows.Type {
	t, text := constantOf(value)
	expr := "NULL"
	if text != "" || t == rows.Text && value != "null" {
		expr = c.d.String(text)
	}
	switch t {
	case rows.Text, rows.JSON:
		expr = "CAST(" + expr + " AS " + c.d.TypeNames[t] + ")"
	default:
		expr = c.d.Cast(expr, warehouse.Native("", rows.Text), t, "")
	}
	c.cols = append(c.cols, expr+" AS "+alias)
	return t
}

// constantOf is the type of a JSON value, and its text.
func constantOf(value string) (rows.Type, string) {
	value = strings.TrimSpace(value)
	switch {
	case value == "null":
		return rows.Text, ""
	case value == "true" || value == "false":
		return rows.Bool, value
	case strings.HasPrefix(value, `"`):
		var text string
		if err := json.Unmarshal([]byte(value), &text); err != nil {
			return rows.JSON, value
		}
		return rows.Text, text
	case strings.HasPrefix(value, "{") || strings.HasPrefix(value, "["):
		return rows.JSON, value
	}
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return rows.Int, value
	}
	if fitsDecimal(value) {
		return rows.Decimal, value
	}
	if _, err := strconv.ParseFloat(value, 64); err != nil {
		return rows.JSON, value // larger than any double
	}
	return rows.Double, value
}

// fitsDecimal tells whether a number has a place in decimal(38,9) as it is written.
func fitsDecimal(number string) bool {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	return !strings.ContainsAny(number, "eE") && len(whole) <= 29 && len(fraction) <= 9
}
