package postgres

import (
	be "encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"pgregory.net/rapid"
)

// TestNumericBackAndForth: a decimal survives the wire's digits.
func TestNumericBackAndForth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringMatching(`[1-9][0-9]{0,28}|0`).Draw(t, "whole")
		text := whole + "." + rapid.StringMatching(`[0-9]{9}`).Draw(t, "fraction")
		if rapid.Bool().Draw(t, "negative") {
			text = "-" + text
		}
		v, err := decimal128.FromString(text, 38, 9)
		if err != nil {
			t.Fatal(err)
		}
		raw := appendNumeric(nil, v.LowBits(), v.HighBits())
		if int(be.BigEndian.Uint32(raw)) != len(raw)-4 {
			t.Fatalf("%s: a length of %d before %d bytes", text, be.BigEndian.Uint32(raw), len(raw)-4)
		}
		back, err := decimalOf(raw[4:])
		if err != nil || back != v {
			t.Fatalf("%s came back as %s (%v)", text, back.ToString(9), err)
		}
	})
}

// TestNumericsOfTheServer: what the server sends becomes a decimal, or says why not.
func TestNumericsOfTheServer(t *testing.T) {
	c := fresh(t)
	for text, want := range map[string]string{
		"0": "0", "0.000": "0", "1": "1", "10000": "10000", "100000000": "100000000", "0.0001": "0.0001", "0.00000001": "0.00000001", "0.000000001": "0.000000001", "-0.5": "-0.5",
		"99999999999999999999999999999.999999999": "99999999999999999999999999999.999999999", "12345.678900000000": "12345.6789",
	} {
		if got := texts(t, c, "SELECT CAST('"+text+"' AS NUMERIC) AS v"); got[0] != want {
			t.Errorf("%s: %s, want %s", text, got[0], want)
		}
	}
	for text, want := range map[string]error{
		"100000000000000000000000000000": errTooWide, "1e40": errTooWide, "1e1000": errTooWide, "0.0000000001": errTooExact, "1.0000000005": errTooExact, "1e-20": errTooExact, "NaN": errNaN, "Infinity": errNaN, "-Infinity": errNaN,
	} {
		_, err := firstError(t, c, "SELECT CAST('"+text+"' AS NUMERIC) AS odd_one")
		if !errors.Is(err, want) || !strings.Contains(err.Error(), "odd_one") {
			t.Errorf("%s: %v, want %v and the column", text, err, want)
		}
	}
}

// TestBadBinary: bytes that are no value are an error and no panic.
func TestBadBinary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "raw")
		_, _ = decimalOf(raw)
	})
}
