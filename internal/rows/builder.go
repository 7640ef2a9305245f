package rows

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Builder makes batches by hand: the committer's acknowledgements, rows of
// tests. Every row needs one append to every column.
type Builder struct {
	b    *array.RecordBuilder
	cols []Column
}

// NewBuilder makes a builder of batches with these columns.
func NewBuilder(cols []Column) *Builder {
	return &Builder{b: array.NewRecordBuilder(memory.DefaultAllocator, ArrowSchema(cols)), cols: cols}
}

// Null appends NULL to column c.
func (b *Builder) Null(c int) { b.b.Field(c).AppendNull() }

// Text appends to a text or JSON column.
func (b *Builder) Text(c int, v string) { b.b.Field(c).(*array.StringBuilder).Append(v) }

// TextOrNull appends to a text or JSON column, "" as NULL.
func (b *Builder) TextOrNull(c int, v string) {
	if v == "" {
		b.Null(c)
		return
	}
	b.Text(c, v)
}

// Bytes appends to a text or JSON column, copying.
func (b *Builder) Bytes(c int, v []byte) { b.b.Field(c).(*array.StringBuilder).BinaryBuilder.Append(v) }

// Int appends to a bigint column.
func (b *Builder) Int(c int, v int64) { b.b.Field(c).(*array.Int64Builder).Append(v) }

// Double appends to a double column.
func (b *Builder) Double(c int, v float64) { b.b.Field(c).(*array.Float64Builder).Append(v) }

// Bool appends to a bool column.
func (b *Builder) Bool(c int, v bool) { b.b.Field(c).(*array.BooleanBuilder).Append(v) }

// Date appends the UTC day of v to a date column.
func (b *Builder) Date(c int, v time.Time) {
	b.b.Field(c).(*array.Date32Builder).Append(arrow.Date32FromTime(v.UTC()))
}

// Time appends to a timestamp column; the zero time is NULL.
func (b *Builder) Time(c int, v time.Time) {
	if v.IsZero() {
		b.Null(c)
		return
	}
	b.b.Field(c).(*array.TimestampBuilder).Append(arrow.Timestamp(v.UnixMicro()))
}

// Decimal appends to a decimal column from its text.
func (b *Builder) Decimal(c int, text string) error {
	v, err := decimal128.FromString(text, 38, 9)
	if err == nil {
		b.b.Field(c).(*array.Decimal128Builder).Append(v)
	}
	return err
}

// List appends to a list column.
func (b *Builder) List(c int, v []string) {
	l := b.b.Field(c).(*array.ListBuilder)
	l.Append(true)
	for _, s := range v {
		l.ValueBuilder().(*array.StringBuilder).Append(s)
	}
}

// Copy appends row i of f to column c, which is of the same type.
func (b *Builder) Copy(c int, f *Field, i int) {
	if f.Null(i) {
		b.Null(c)
		return
	}
	switch f.Type {
	case Text, JSON:
		b.Bytes(c, f.Bytes(i))
	case Int:
		b.Int(c, f.Int(i))
	case Double:
		b.Double(c, f.Double(i))
	case Bool:
		b.Bool(c, f.Bool(i))
	case Timestamp:
		b.Time(c, f.Time(i))
	case Date:
		b.b.Field(c).(*array.Date32Builder).Append(arrow.Date32(f.i32[i]))
	case Decimal:
		b.b.Field(c).(*array.Decimal128Builder).Append(f.dec.Value(i))
	case TextList:
		b.List(c, f.List(i))
	}
}

// Len is the number of rows begun.
func (b *Builder) Len() int { return b.b.Field(0).Len() }

// Build ends the batch and starts a new one.
func (b *Builder) Build() *Batch {
	out, err := Wrap(b.b.NewRecordBatch())
	if err != nil {
		panic(err) // the builder's own columns are Weir's types
	}
	return out
}
