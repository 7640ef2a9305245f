package duckdb

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
)

// column is one column of a batch growing out of vectors: its data, and a
// bitmap once a NULL was seen.
type column struct {
	rows.Column
	data  []byte  // fixed-width values, or text, or bits of booleans
	off   []int32 // text and lists
	valid []byte
	nulls int
	child *column
}

var textColumn = rows.Column{Name: "text", Type: rows.Text}

func (c *column) reset() {
	size := len(c.data)
	c.data, c.valid, c.nulls = make([]byte, 0, size), nil, 0
	switch c.Type {
	case rows.Text, rows.JSON:
		c.off = append(make([]int32, 0, max(len(c.off), 1)), 0)
	case rows.TextList:
		c.off = append(make([]int32, 0, max(len(c.off), 1)), 0)
		if c.child == nil {
			c.child = &column{Column: textColumn}
		}
		c.child.reset()
	}
}

// append copies n values of a vector, from the given one on, behind the at
// values already there.
func (c *column) append(vec bindings.Vector, at, from, n int) error {
	if n == 0 {
		return nil
	}
	words := c.validity(vec, at, from, n)
	data := bindings.VectorGetData(vec)
	switch c.Type {
	case rows.Text, rows.JSON:
		return c.text(data, words, from, n)
	case rows.Bool:
		c.bools(unsafe.Slice((*byte)(unsafe.Add(data, from)), n), at)
		return nil
	case rows.TextList:
		return c.list(vec, data, words, from, n)
	case rows.Int:
		return c.integers(vec, data, words, from, n)
	default:
		w := c.width()
		c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Add(data, from*w)), n*w)...)
		return nil
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

// isValid reads a validity mask; nil is all valid.
func isValid(words []uint64, i int) bool {
	return words == nil || words[i/64]&(1<<(i%64)) != 0
}

// integers copies bigints; hugeints (sums) and integers (small literals) are
// brought to that width.
func (c *column) integers(vec bindings.Vector, data unsafe.Pointer, words []uint64, from, n int) error {
	t := bindings.VectorGetColumnType(vec)
	id := bindings.GetTypeId(t)
	bindings.DestroyLogicalType(&t)
	switch id {
	case bindings.TypeHugeInt:
		for i, v := range unsafe.Slice((*[2]int64)(unsafe.Add(data, from*16)), n) {
			if isValid(words, from+i) && v[1] != v[0]>>63 {
				return fmt.Errorf("column %q holds a whole number that does not fit into 64 bits: cast it", c.Name)
			}
			c.data = binary.NativeEndian.AppendUint64(c.data, uint64(v[0]))
		}
	case bindings.TypeInteger:
		for _, v := range unsafe.Slice((*int32)(unsafe.Add(data, from*4)), n) {
			c.data = binary.NativeEndian.AppendUint64(c.data, uint64(int64(v)))
		}
	default:
		c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Add(data, from*8)), n*8)...)
	}
	return nil
}

// validity copies the NULL bitmap and gives DuckDB's words, which are Arrow's
// bits already; nil while all values are there.
func (c *column) validity(vec bindings.Vector, at, from, n int) []uint64 {
	mask := bindings.VectorGetValidity(vec)
	if mask == nil {
		if c.valid != nil {
			c.setValid(at, n)
		}
		return nil
	}
	words := unsafe.Slice((*uint64)(mask), (from+n+63)/64)
	if c.valid == nil {
		c.valid = []byte{}
		c.setValid(0, at)
	}
	if at%8 == 0 && from == 0 {
		c.copyValid(words, n)
		return words
	}
	c.growValid(at + n)
	for i := range n {
		if isValid(words, from+i) {
			c.valid[(at+i)/8] |= 1 << ((at + i) % 8)
		} else {
			c.nulls++
		}
	}
	return words
}

// copyValid copies whole words of the mask.
func (c *column) copyValid(words []uint64, n int) {
	for i := 0; i < n; i += 64 {
		w := words[i/64]
		if n-i < 64 {
			w &= 1<<(n-i) - 1
		}
		c.nulls += min(64, n-i) - bits.OnesCount64(w)
		c.valid = binary.LittleEndian.AppendUint64(c.valid, w)
	}
	c.valid = c.valid[:len(c.valid)-((n+63)/64*8-(n+7)/8)]
}

func (c *column) growValid(n int) {
	for len(c.valid)*8 < n {
		c.valid = append(c.valid, 0)
	}
}

func (c *column) setValid(at, n int) {
	c.growValid(at + n)
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

func (c *column) text(data unsafe.Pointer, words []uint64, from, n int) error {
	strs := unsafe.Slice((*stringT)(unsafe.Add(data, from*int(unsafe.Sizeof(stringT{})))), n)
	end := int64(c.off[len(c.off)-1])
	total := end
	for i := range strs {
		if isValid(words, from+i) {
			total += int64(strs[i].length)
		}
	}
	if total > math.MaxInt32 {
		return fmt.Errorf("column %q holds more than 2 GiB of text in %d rows: leave it out, or cut it", c.Name, len(c.off)-1+n)
	}
	c.grow(int(total))
	for i := range strs {
		s := &strs[i]
		if isValid(words, from+i) {
			if s.length <= inlineBytes {
				c.data = append(c.data, unsafe.Slice((*byte)(unsafe.Pointer(&s.inline)), s.length)...)
			} else {
				c.data = append(c.data, unsafe.Slice((*byte)(s.ptr), s.length)...)
			}
			end += int64(s.length)
		}
		c.off = append(c.off, int32(end))
	}
	return nil
}

// grow makes room for that many bytes in one step.
func (c *column) grow(size int) {
	if size > cap(c.data) {
		c.data = append(make([]byte, 0, max(size, 2*cap(c.data))), c.data...)
	}
}

// bools packs booleans, one byte each, into bits.
func (c *column) bools(vals []byte, at int) {
	i := 0
	if at%8 == 0 {
		for ; i+8 <= len(vals); i += 8 {
			x := binary.LittleEndian.Uint64(vals[i:]) & 0x0101010101010101
			c.data = append(c.data, byte(x*0x0102040810204080>>56))
		}
	}
	for ; i < len(vals); i++ {
		if len(c.data)*8 <= at+i {
			c.data = append(c.data, 0)
		}
		if vals[i]&1 != 0 {
			c.data[(at+i)/8] |= 1 << ((at + i) % 8)
		}
	}
}

// listEntry is duckdb_list_entry.
type listEntry struct{ offset, length uint64 }

func (c *column) list(vec bindings.Vector, data unsafe.Pointer, words []uint64, from, n int) error {
	child := bindings.ListVectorGetChild(vec)
	entries := unsafe.Slice((*listEntry)(unsafe.Add(data, from*int(unsafe.Sizeof(listEntry{})))), n)
	end := c.off[len(c.off)-1]
	for i, e := range entries {
		if isValid(words, from+i) {
			if err := c.child.append(child, int(end), int(e.offset), int(e.length)); err != nil {
				return err
			}
			end += int32(e.length)
		}
		c.off = append(c.off, end)
	}
	return nil
}
