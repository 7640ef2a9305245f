package duckdb

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
)

// copier copies chunks into the columns of one batch: every value is copied,
// no view of a chunk leaves the package.
type copier struct {
	cols   []column
	schema *arrow.Schema
	n      int
}

// column is one column growing: its data, and a bitmap once a NULL was seen.
type column struct {
	rows.Column
	data  []byte  // fixed-width values, or text, or bits of booleans
	off   []int32 // text and lists
	valid []byte
	nulls int
	child *column
}

func newCopier(_ memory.Allocator, cols []rows.Column) *copier {
	c := &copier{schema: rows.ArrowSchema(cols), cols: make([]column, len(cols))}
	for i := range cols {
		c.cols[i].Column = cols[i]
	}
	c.reset()
	return c
}

func (c *copier) reset() {
	c.n = 0
	for i := range c.cols {
		c.cols[i].reset()
	}
}

func (c *column) reset() {
	size := len(c.data)
	c.data, c.valid, c.nulls = make([]byte, 0, size), nil, 0
	switch c.Type {
	case rows.Text, rows.JSON:
		c.off = append(make([]int32, 0, 8193), 0)
	case rows.TextList:
		c.off = append(make([]int32, 0, 8193), 0)
		c.child = &column{Column: rows.Column{Type: rows.Text}}
		c.child.reset()
	}
}

// chunk copies one chunk and gives its rows.
func (c *copier) chunk(chunk bindings.DataChunk) int {
	n := int(bindings.DataChunkGetSize(chunk))
	for i := range c.cols {
		c.cols[i].append(bindings.DataChunkGetVector(chunk, bindings.IdxT(i)), c.n, 0, n)
	}
	c.n += n
	return n
}

// append copies n values of a vector, from the given one on, behind the at
// values already there.
func (c *column) append(vec bindings.Vector, at, from, n int) {
	if n == 0 {
		return
	}
	c.validity(vec, at, from, n)
	data := bindings.VectorGetData(vec)
	switch c.Type {
	case rows.Text, rows.JSON:
		c.text(vec, data, from, n)
	case rows.Bool:
		c.bits(unsafe.Slice((*byte)(unsafe.Add(data, from)), n), at)
	case rows.TextList:
		c.list(vec, data, at, from, n)
	case rows.Int:
		c.integers(vec, data, from, n)
	default:
		w := c.width()
		c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Add(data, from*w)), n*w)...)
	}
}

func (c *column) width() int {
	switch c.Type {
	case rows.Decimal:
		return 16
	case rows.Date:
		return 4
	default:
		return 8
	}
}

// integers copies bigints; hugeints (sums) and integers (small literals) are
// brought to that width.
func (c *column) integers(vec bindings.Vector, data unsafe.Pointer, from, n int) {
	t := bindings.VectorGetColumnType(vec)
	id := bindings.GetTypeId(t)
	bindings.DestroyLogicalType(&t)
	switch id {
	case bindings.TypeHugeInt:
		for _, v := range unsafe.Slice((*[2]int64)(unsafe.Add(data, from*16)), n) {
			c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), 8)...)
		}
	case bindings.TypeInteger:
		for _, v := range unsafe.Slice((*int32)(unsafe.Add(data, from*4)), n) {
			wide := int64(v)
			c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Pointer(&wide)), 8)...)
		}
	default:
		c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Add(data, from*8)), n*8)...)
	}
}

// validity copies the NULL bitmap; DuckDB's words are Arrow's bits already.
func (c *column) validity(vec bindings.Vector, at, from, n int) {
	mask := bindings.VectorGetValidity(vec)
	if mask == nil {
		if c.valid != nil {
			c.setValid(at, n)
		}
		return
	}
	words := unsafe.Slice((*uint64)(mask), (from+n+63)/64)
	if c.valid == nil {
		c.setValid(0, at)
	}
	c.growValid(at + n)
	for i := range n {
		row := from + i
		if words[row/64]&(1<<(row%64)) != 0 {
			c.valid[(at+i)/8] |= 1 << ((at + i) % 8)
		} else {
			c.nulls++
		}
	}
}

func (c *column) growValid(n int) {
	for len(c.valid)*8 < n {
		c.valid = append(c.valid, 0)
	}
}

func (c *column) setValid(at, n int) {
	c.growValid(at + n)
	if c.valid == nil {
		c.valid = []byte{}
	}
	for i := at; i < at+n; i++ {
		c.valid[i/8] |= 1 << (i % 8)
	}
}

// stringT is duckdb_string_t: the length, and 12 bytes inline or a prefix and a pointer.
type stringT struct {
	length uint32
	inline [4]byte
	ptr    unsafe.Pointer
}

const inlineBytes = 12

func (c *column) text(vec bindings.Vector, data unsafe.Pointer, from, n int) {
	strs := unsafe.Slice((*stringT)(unsafe.Add(data, from*int(unsafe.Sizeof(stringT{})))), n)
	mask := bindings.VectorGetValidity(vec)
	var words []uint64
	if mask != nil {
		words = unsafe.Slice((*uint64)(mask), (from+n+63)/64)
	}
	end := c.off[len(c.off)-1]
	for i := range strs {
		s := &strs[i]
		if words == nil || words[(from+i)/64]&(1<<((from+i)%64)) != 0 {
			if s.length <= inlineBytes {
				c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Pointer(&s.inline)), s.length)...)
			} else {
				c.data = append(c.data, unsafe.Slice((*byte)(s.ptr), s.length)...)
			}
			end += int32(s.length)
		}
		c.off = append(c.off, end)
	}
}

// bits packs booleans, one byte each, into bits.
func (c *column) bits(vals []byte, at int) {
	for len(c.data)*8 < at+len(vals) {
		c.data = append(c.data, 0)
	}
	for i, v := range vals {
		if v != 0 {
			c.data[(at+i)/8] |= 1 << ((at + i) % 8)
		}
	}
}

// listEntry is duckdb_list_entry.
type listEntry struct{ offset, length uint64 }

func (c *column) list(vec bindings.Vector, data unsafe.Pointer, at, from, n int) {
	child := bindings.ListVectorGetChild(vec)
	entries := unsafe.Slice((*listEntry)(unsafe.Add(data, from*int(unsafe.Sizeof(listEntry{})))), n)
	end := c.off[len(c.off)-1]
	for i, e := range entries {
		if c.valid == nil || c.valid[(at+i)/8]&(1<<((at+i)%8)) != 0 {
			c.child.append(child, int(end), int(e.offset), int(e.length))
			end += int32(e.length)
		}
		c.off = append(c.off, end)
	}
}

// batch ends the batch and starts the next.
func (c *copier) batch() (*rows.Batch, error) {
	arrays := make([]arrow.Array, len(c.cols))
	for i := range c.cols {
		data := c.cols[i].arrow(c.n)
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	rec := array.NewRecordBatch(c.schema, arrays, int64(c.n))
	for _, a := range arrays {
		a.Release()
	}
	c.reset()
	return rows.Wrap(rec)
}

// arrow is the column as Arrow's data.
func (c *column) arrow(n int) *array.Data {
	var valid *memory.Buffer
	if c.nulls > 0 {
		valid = memory.NewBufferBytes(c.valid)
	}
	values := memory.NewBufferBytes(c.data)
	t := c.ArrowField().Type
	switch c.Type {
	case rows.Text, rows.JSON:
		return array.NewData(t, n, []*memory.Buffer{valid, offsets(c.off), values}, nil, c.nulls, 0)
	case rows.TextList:
		items := int(c.off[len(c.off)-1])
		child := c.child.arrow(items)
		defer child.Release()
		return array.NewData(t, n, []*memory.Buffer{valid, offsets(c.off)}, []arrow.ArrayData{child}, c.nulls, 0)
	default:
		return array.NewData(t, n, []*memory.Buffer{valid, values}, nil, c.nulls, 0)
	}
}

func offsets(off []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(off))
}
