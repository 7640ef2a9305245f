package duckdb

import (
	"bytes"
	"unicode/utf8"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
)

// fillVector copies n values of a field into a vector.
func fillVector(vec bindings.Vector, f *rows.Field, from, n int) {
	fillNulls(vec, f, from, n)
	data := bindings.VectorGetData(vec)
	switch f.Type {
	case rows.Int, rows.Timestamp:
		fill(data, n, func(i int) int64 { return f.Int(from + i) })
	case rows.Double:
		fill(data, n, func(i int) float64 { return f.Double(from + i) })
	case rows.Bool:
		fill(data, n, func(i int) bool { return f.Bool(from + i) })
	case rows.Date:
		fill(data, n, func(i int) int32 { return f.Days(from + i) })
	case rows.Decimal:
		fill(data, n, func(i int) hugeint { lo, hi := f.Decimal(from + i); return hugeint{lo, hi} })
	case rows.TextList:
		fillLists(vec, data, f, from, n)
	default:
		strs := unsafe.Slice((*stringT)(data), n)
		for i := range strs {
			if !f.Null(from + i) {
				setText(vec, strs, i, f.Bytes(from+i))
			}
		}
	}
}

// hugeint is duckdb_hugeint.
type hugeint struct {
	lower uint64
	upper int64
}

func fill[T any](data unsafe.Pointer, n int, value func(int) T) {
	vals := unsafe.Slice((*T)(data), n)
	for i := range vals {
		vals[i] = value(i)
	}
}

func fillNulls(vec bindings.Vector, f *rows.Field, from, n int) {
	var words []uint64
	for i := range n {
		if !f.Null(from + i) {
			continue
		}
		if words == nil {
			bindings.VectorEnsureValidityWritable(vec)
			words = unsafe.Slice((*uint64)(bindings.VectorGetValidity(vec)), (n+63)/64)
		}
		words[i/64] &^= 1 << (i % 64)
	}
}

// setText sets one text: a short one inline, a long one by DuckDB, which
// copies it to where the vector keeps such.
func setText(vec bindings.Vector, strs []stringT, i int, text []byte) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if len(text) > inlineBytes {
		bindings.UnsafeVectorAssignStringElementLen(vec, bindings.IdxT(i), text)
		return
	}
	strs[i] = stringT{length: uint32(len(text))}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&strs[i].inline)), inlineBytes), text)
}

func fillLists(vec bindings.Vector, data unsafe.Pointer, f *rows.Field, from, n int) {
	lists := make([][]string, n)
	total := 0
	for i := range lists {
		lists[i] = f.List(from + i)
		total += len(lists[i])
	}
	bindings.ListVectorReserve(vec, bindings.IdxT(total))
	bindings.ListVectorSetSize(vec, bindings.IdxT(total))
	child := bindings.ListVectorGetChild(vec)
	strs := unsafe.Slice((*stringT)(bindings.VectorGetData(child)), total)
	entries := unsafe.Slice((*listEntry)(data), n)
	at := 0
	for i, items := range lists {
		entries[i] = listEntry{uint64(at), uint64(len(items))}
		for _, s := range items {
			setText(child, strs, at, unsafe.Slice(unsafe.StringData(s), len(s)))
			at++
		}
	}
}
