package postgres

import (
	"bytes"
	be "encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/weir-data/weir/internal/rows"
)

// appendRow writes one row of n columns in COPY's binary format.
func appendRow(dst []byte, b *rows.Batch, i, n int) []byte {
	dst = be.BigEndian.AppendUint16(dst, uint16(n))
	for c := range n {
		dst = appendValue(dst, b.At(c), i)
	}
	return dst
}

// null is a length that says there is no value.
const null = math.MaxUint32

// appendValue writes one value with its length before it.
func appendValue(dst []byte, f *rows.Field, i int) []byte {
	if f.Null(i) {
		return be.BigEndian.AppendUint32(dst, null)
	}
	switch f.Type {
	case rows.Int:
		return append8(dst, uint64(f.Int(i)))
	case rows.Double:
		return append8(dst, math.Float64bits(f.Double(i)))
	case rows.Timestamp:
		return append8(dst, uint64(serverMicros(f.Int(i))))
	case rows.Date:
		return be.BigEndian.AppendUint32(be.BigEndian.AppendUint32(dst, 4), uint32(serverDays(f.Days(i))))
	case rows.Bool:
		v := byte(0)
		if f.Bool(i) {
			v = 1
		}
		return append(be.BigEndian.AppendUint32(dst, 1), v)
	case rows.Decimal:
		low, high := f.Decimal(i)
		return appendNumeric(dst, low, high)
	case rows.TextList:
		return appendList(dst, f, i)
	default:
		return appendText(dst, f.Bytes(i))
	}
}

func append8(dst []byte, v uint64) []byte {
	return be.BigEndian.AppendUint64(be.BigEndian.AppendUint32(dst, 8), v)
}

func serverDays(v int32) int32 {
	if v == math.MaxInt32 || v == math.MinInt32 {
		return v
	}
	return v - epochDays
}

func serverMicros(v int64) int64 {
	if v == math.MaxInt64 || v == math.MinInt64 {
		return v
	}
	return v - epochMicros
}

func appendText(dst, text []byte) []byte {
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0}, []byte("\uFFFD"))
	}
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	return append(be.BigEndian.AppendUint32(dst, uint32(len(text))), text...)
}

// appendList writes a text[].
func appendList(dst []byte, f *rows.Field, i int) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0) // its length, written when it is known
	items := f.List(i)
	dims, size := uint32(1), uint32(len(items))
	if size == 0 {
		dims = 0
	}
	dst = be.BigEndian.AppendUint32(dst, dims)
	dst = be.BigEndian.AppendUint32(dst, 0) // no NULLs
	dst = be.BigEndian.AppendUint32(dst, pgtype.TextOID)
	if dims > 0 {
		dst = be.BigEndian.AppendUint32(dst, size)
		dst = be.BigEndian.AppendUint32(dst, 1) // counted from one
	}
	for _, item := range items {
		dst = appendText(dst, []byte(item))
	}
	be.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}
