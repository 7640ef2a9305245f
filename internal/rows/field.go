package rows

import (
	"math"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

// Field is one column as plain slices: no interface call on the way to a
// value. Everything it gives is a view into the batch.
type Field struct {
	Column
	valid []byte // nil while nothing is NULL
	shift int    // the array's offset, for bitmaps
	off   []int32
	data  []byte // text, or the bits of booleans
	i64   []int64
	i32   []int32
	f64   []float64
	dec   *array.Decimal128
	list  *array.List
}

func newField(c Column, a arrow.Array) Field {
	f := Field{Column: c, shift: a.Data().Offset()}
	if a.NullN() > 0 {
		f.valid = a.NullBitmapBytes()
	}
	switch a := a.(type) {
	case *array.String:
		f.off, f.data = a.ValueOffsets(), a.ValueBytes()
		if len(f.off) > 0 && f.off[0] != 0 { // ValueBytes starts at the first offset
			base := f.off[0]
			off := make([]int32, len(f.off))
			for i, o := range f.off {
				off[i] = o - base
			}
			f.off = off
		}
	case *array.Int64:
		f.i64 = a.Int64Values()
	case *array.Timestamp:
		f.i64 = arrow.Int64Traits.CastFromBytes(arrow.TimestampTraits.CastToBytes(a.TimestampValues()))
	case *array.Date32:
		f.i32 = arrow.Int32Traits.CastFromBytes(arrow.Date32Traits.CastToBytes(a.Date32Values()))
	case *array.Float64:
		f.f64 = a.Float64Values()
	case *array.Boolean:
		if bits := a.Data().Buffers()[1]; bits != nil { // none where there are no rows
			f.data = bits.Bytes()
		}
	case *array.Decimal128:
		f.dec = a
	case *array.List:
		f.list = a
	}
	return f
}

// Null tells whether row i has no value.
func (f *Field) Null(i int) bool {
	return f.valid != nil && !bitutil.BitIsSet(f.valid, f.shift+i)
}

// Bytes is a text or JSON value, not copied.
func (f *Field) Bytes(i int) []byte { return f.data[f.off[i]:f.off[i+1]:f.off[i+1]] }

// Text is a text or JSON value, copied; "" where it is NULL.
func (f *Field) Text(i int) string {
	if f.Null(i) {
		return ""
	}
	return string(f.Bytes(i))
}

// Int is a bigint value; for a timestamp, microseconds since the epoch.
func (f *Field) Int(i int) int64 { return f.i64[i] }

// Double is a double value.
func (f *Field) Double(i int) float64 { return f.f64[i] }

// Bool is a bool value.
func (f *Field) Bool(i int) bool { return bitutil.BitIsSet(f.data, f.shift+i) }

// Time is a timestamp value in UTC.
func (f *Field) Time(i int) time.Time { return time.UnixMicro(f.i64[i]).UTC() }

// List is a list of text.
func (f *Field) List(i int) []string {
	if f.Null(i) {
		return nil
	}
	from, to := f.list.ValueOffsets(i)
	vals := f.list.ListValues().(*array.String)
	out := make([]string, 0, to-from)
	for j := from; j < to; j++ {
		out = append(out, vals.Value(int(j)))
	}
	return out
}

// AppendText appends the canonical text of row i: what a key is written as.
// NULL appends nothing.
func (f *Field) AppendText(dst []byte, i int) []byte {
	if f.Null(i) {
		return dst
	}
	switch f.Type {
	case Text, JSON:
		return append(dst, f.Bytes(i)...)
	case TextList:
		return f.AppendJSON(dst, i)
	case Date:
		return time.Unix(int64(f.i32[i])*86400, 0).UTC().AppendFormat(dst, "2006-01-02")
	case Timestamp:
		return f.Time(i).AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	default:
		return f.AppendJSON(dst, i)
	}
}

// AppendJSON appends the value of row i as JSON: decimals exact and without
// trailing zeros, times RFC 3339 with microseconds, NULL as null. A double
// that JSON cannot hold is written null; callers refuse such rows before.
func (f *Field) AppendJSON(dst []byte, i int) []byte {
	if f.Null(i) {
		return append(dst, "null"...)
	}
	switch f.Type {
	case Text:
		return AppendString(dst, f.Bytes(i))
	case JSON:
		return append(dst, f.Bytes(i)...)
	case Int:
		return strconv.AppendInt(dst, f.i64[i], 10)
	case Double:
		if v := f.f64[i]; math.IsNaN(v) || math.IsInf(v, 0) {
			return append(dst, "null"...)
		}
		return strconv.AppendFloat(dst, f.f64[i], 'g', -1, 64)
	case Bool:
		return strconv.AppendBool(dst, f.Bool(i))
	case Decimal:
		return appendDecimal(dst, f.dec.Value(i).ToString(9))
	case TextList:
		return f.appendList(dst, i)
	default:
		dst = append(dst, '"')
		return append(f.AppendText(dst, i), '"')
	}
}

func (f *Field) appendList(dst []byte, i int) []byte {
	from, to := f.list.ValueOffsets(i)
	vals := f.list.ListValues().(*array.String)
	dst = append(dst, '[')
	for j := int(from); j < int(to); j++ {
		if j > int(from) {
			dst = append(dst, ',')
		}
		if vals.IsNull(j) {
			dst = append(dst, "null"...)
			continue
		}
		dst = AppendString(dst, []byte(vals.Value(j)))
	}
	return append(dst, ']')
}

// appendDecimal drops trailing zeros of the fraction: 12.500000000 → 12.5.
func appendDecimal(dst []byte, s string) []byte {
	end := len(s)
	for i := range len(s) {
		if s[i] != '.' {
			continue
		}
		for end > i && s[end-1] == '0' {
			end--
		}
		if end == i+1 {
			end = i
		}
		break
	}
	return append(dst, s[:end]...)
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not UTF-8 pass as
// they are: the warehouse holds text as UTF-8.
func AppendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}

// Days is a date value, in days since the epoch.
func (f *Field) Days(i int) int32 { return f.i32[i] }

// Decimal is a decimal value's 128 bits, scaled by 10⁹.
func (f *Field) Decimal(i int) (low uint64, high int64) {
	v := f.dec.Value(i)
	return v.LowBits(), v.HighBits()
}
