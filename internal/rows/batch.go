package rows

import (
	"fmt"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
)

// Rows is the result of one query: batches in order. The consumer releases
// each batch; leaving the loop early closes the query.
type Rows interface {
	Columns() []Column
	Batches() iter.Seq2[*Batch, error]
}

// Batch is some rows, column by column. It counts references, so that senders
// may share one; what its fields give are views that end with the last Release.
type Batch struct {
	rec    arrow.RecordBatch
	fields []Field
	index  map[string]int
}

// Wrap resolves the columns of an Arrow record batch and takes over the
// caller's reference. It refuses types that are not Weir's.
func Wrap(rec arrow.RecordBatch) (*Batch, error) {
	b := &Batch{rec: rec, fields: make([]Field, rec.NumCols()), index: make(map[string]int, rec.NumCols())}
	for i, f := range rec.Schema().Fields() {
		c, err := columnOf(f)
		if err != nil {
			return nil, err
		}
		b.fields[i] = newField(c, rec.Column(i))
		b.index[c.Name] = i
	}
	return b, nil
}

// Record is the Arrow batch inside, for drivers.
func (b *Batch) Record() arrow.RecordBatch { return b.rec }

// Len is the number of rows.
func (b *Batch) Len() int { return int(b.rec.NumRows()) }

// Columns names and types the batch's columns.
func (b *Batch) Columns() []Column {
	cols := make([]Column, len(b.fields))
	for i := range b.fields {
		cols[i] = Column{Name: b.fields[i].Name, Type: b.fields[i].Type}
	}
	return cols
}

// Field resolves a column: once per batch, not per row.
func (b *Batch) Field(name string) (*Field, bool) {
	i, ok := b.index[name]
	if !ok {
		return nil, false
	}
	return &b.fields[i], true
}

// At is the i-th column.
func (b *Batch) At(i int) *Field { return &b.fields[i] }

// Must resolves a column the caller put into the query itself.
func (b *Batch) Must(name string) *Field {
	f, ok := b.Field(name)
	if !ok {
		panic(fmt.Sprintf("rows: no column %q", name))
	}
	return f
}

// Retain adds a reference.
func (b *Batch) Retain() { b.rec.Retain() }

// Release drops a reference; the last one frees the batch.
func (b *Batch) Release() { b.rec.Release() }
