package postgres

import (
	be "encoding/binary"
	"errors"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// A numeric travels as digits to the base 10,000: how many, the power of the
// first, the sign, how many decimals are shown, and the digits. Weir's decimal
// is a whole number of 10⁻⁹.
const (
	base        = 10_000
	decimals    = 9
	signMinus   = 0x4000
	signNoNum   = 0xC000 // and above: NaN and the infinities
	numericHead = 8
)

var (
	errNaN      = errors.New("a number is NaN or infinite, which a decimal cannot be: cast it to double, or leave it out")
	errTooWide  = errors.New("a number has more than 29 digits before the point: cast it")
	errTooExact = errors.New("a number has more than 9 decimals: cast it")
)

// wide is an unsigned number of 128 bits.
type wide struct{ hi, lo uint64 }

// times is w × by + plus; false where it does not fit.
func (w wide) times(by, plus uint64) (wide, bool) {
	over, high := bits.Mul64(w.hi, by)
	carry, low := bits.Mul64(w.lo, by)
	low, c := bits.Add64(low, plus, 0)
	high, c = bits.Add64(high, carry, c)
	return wide{high, low}, over == 0 && c == 0 && high>>63 == 0
}

// over is w / by and what is left.
func (w wide) over(by uint64) (wide, uint64) {
	hi, rest := bits.Div64(0, w.hi, by)
	lo, rest := bits.Div64(rest, w.lo, by)
	return wide{hi, lo}, rest
}

// decimalOf reads a numeric.
func decimalOf(raw []byte) (decimal128.Num, error) {
	if len(raw) < numericHead {
		return decimal128.Num{}, errBinary
	}
	n, weight, sign := int(be.BigEndian.Uint16(raw)), int(int16(be.BigEndian.Uint16(raw[2:]))), be.BigEndian.Uint16(raw[4:])
	digits := raw[numericHead:]
	switch {
	case sign >= signNoNum:
		return decimal128.Num{}, errNaN
	case len(digits) != 2*n:
		return decimal128.Num{}, errBinary
	}
	var w wide
	ok := true
	// Digits down to 10⁻⁸ whole, then the first decimal of the next.
	for power := weight; power >= -2 && ok; power-- {
		w, ok = w.times(base, digit(digits, weight-power))
	}
	if weight < -2 {
		w = wide{}
	}
	last := digit(digits, weight+3)
	if ok {
		w, ok = w.times(10, last/1000)
	}
	switch {
	case !ok || w.hi > limit.hi || w.hi == limit.hi && w.lo >= limit.lo:
		return decimal128.Num{}, errTooWide
	case last%1000 != 0 || n > max(weight+4, 0):
		return decimal128.Num{}, errTooExact
	}
	out := decimal128.New(int64(w.hi), w.lo)
	if sign == signMinus {
		out = out.Negate()
	}
	return out, nil
}

// limit is 10³⁸.
var limit = wide{0x4B3B4CA85A86C47A, 0x098A224000000000}

// digit is the i-th digit, 0 where it was left out.
func digit(digits []byte, i int) uint64 {
	if i < 0 || 2*i+2 > len(digits) {
		return 0
	}
	return uint64(be.BigEndian.Uint16(digits[2*i:]))
}

// appendNumeric writes a decimal as a numeric, with its length before it.
func appendNumeric(dst []byte, low uint64, high int64) []byte {
	v := decimal128.New(high, low)
	sign := uint16(0)
	if v.Sign() < 0 {
		sign, v = signMinus, v.Negate()
	}
	whole, fraction := wide{uint64(v.HighBits()), v.LowBits()}.over(1_000_000_000)
	var reversed [16]uint16 // 8 digits hold 29 places, 3 the nine decimals
	n := 0
	for fraction *= 1000; n < 3; n++ {
		reversed[n], fraction = uint16(fraction%base), fraction/base
	}
	for whole != (wide{}) {
		var d uint64
		whole, d = whole.over(base)
		reversed[n] = uint16(d)
		n++
	}
	first := 0
	for first < n && reversed[first] == 0 {
		first++
	}
	for n > first && reversed[n-1] == 0 {
		n--
	}
	dst = be.BigEndian.AppendUint32(dst, uint32(numericHead+2*(n-first)))
	dst = be.BigEndian.AppendUint16(dst, uint16(n-first))
	dst = be.BigEndian.AppendUint16(dst, uint16(int16(n-4))) // the power of the first digit
	dst = be.BigEndian.AppendUint16(dst, sign)
	dst = be.BigEndian.AppendUint16(dst, decimals)
	for i := n - 1; i >= first; i-- {
		dst = be.BigEndian.AppendUint16(dst, reversed[i])
	}
	return dst
}
