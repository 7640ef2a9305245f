package duckdb

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
)

// A batch ends with the first of these.
const (
	chunksABatch = 4        // of DuckDB's chunks, 2048 rows each
	bytesABatch  = 16 << 20 // of text
)

// copier copies chunks into the columns of one batch: every value is copied,
// no view of a chunk leaves the package.
type copier struct {
	cols   []column
	schema *arrow.Schema
	n      int
}

func newCopier(cols []rows.Column) *copier {
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

// full tells whether the batch should end here.
func (c *copier) full() bool {
	size := 0
	for i := range c.cols {
		size += len(c.cols[i].data)
	}
	return size >= bytesABatch
}

// chunk copies one chunk.
func (c *copier) chunk(chunk bindings.DataChunk) error {
	n := int(bindings.DataChunkGetSize(chunk))
	for i := range c.cols {
		if err := c.cols[i].append(bindings.DataChunkGetVector(chunk, bindings.IdxT(i)), c.n, 0, n); err != nil {
			return err
		}
	}
	c.n += n
	return nil
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
		child := c.child.arrow(int(c.off[len(c.off)-1]))
		defer child.Release()
		return array.NewData(t, n, []*memory.Buffer{valid, offsets(c.off)}, []arrow.ArrayData{child}, c.nulls, 0)
	default:
		return array.NewData(t, n, []*memory.Buffer{valid, values}, nil, c.nulls, 0)
	}
}

func offsets(off []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(off))
}
