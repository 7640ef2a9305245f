package postgres

import (
	be "encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/weir-data/weir/internal/rows"
)

// decimalModifier is how the server tells numeric(38,9) from other numerics.
const decimalModifier = 38<<16 | 9 + 4

// columnType is the type of Weir a result column has; queries cast to them, so
// any other is refused.
func columnType(f pgconn.FieldDescription) (rows.Type, bool) {
	switch f.DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID:
		return rows.Text, true
	case pgtype.Int8OID, pgtype.Int4OID: // small literals of our own bookkeeping
		return rows.Int, true
	case pgtype.Float8OID:
		return rows.Double, true
	case pgtype.BoolOID:
		return rows.Bool, true
	case pgtype.DateOID:
		return rows.Date, true
	case pgtype.TimestampOID:
		return rows.Timestamp, true
	case pgtype.JSONOID:
		return rows.JSON, true
	case pgtype.TextArrayOID:
		return rows.TextList, true
	case pgtype.NumericOID: // sums have no modifier: each value is looked at
		return rows.Decimal, f.TypeModifier == decimalModifier || f.TypeModifier == -1
	default:
		return 0, false
	}
}

// wireTypes know the names of the server's own types.
var wireTypes = pgtype.NewMap()

func wireName(oid uint32) string {
	if t, ok := wireTypes.TypeForOID(oid); ok {
		return t.Name
	}
	return fmt.Sprintf("number %d of pg_type", oid)
}

// A batch ends with the first of these.
const (
	rowsABatch  = 8192
	bytesABatch = 16 << 20
)

// filler fills batches, column by column, with values as they come.
type filler struct {
	cols  []rows.Column
	to    *array.RecordBuilder
	put   []func(raw []byte) error
	n     int
	bytes int
}

func newFiller(cols []rows.Column, fields []pgconn.FieldDescription) *filler {
	f := &filler{cols: cols, to: array.NewRecordBuilder(memory.DefaultAllocator, rows.ArrowSchema(cols))}
	for i, c := range cols {
		f.put = append(f.put, putter(c.Type, fields[i].DataTypeOID, f.to.Field(i)))
	}
	f.to.Reserve(rowsABatch)
	return f
}

func (f *filler) full() bool { return f.n >= rowsABatch || f.bytes >= bytesABatch }

// row copies one row.
func (f *filler) row(values [][]byte) error {
	for i, raw := range values {
		if raw == nil {
			f.to.Field(i).AppendNull()
			continue
		}
		f.bytes += len(raw)
		if err := f.put[i](raw); err != nil {
			return fmt.Errorf("column %q: %w", f.cols[i].Name, err)
		}
	}
	f.n++
	return nil
}

// batch ends the batch and starts the next.
func (f *filler) batch() (*rows.Batch, error) {
	b, err := rows.Wrap(f.to.NewRecordBatch())
	f.n, f.bytes = 0, 0
	f.to.Reserve(rowsABatch)
	return b, err
}

// putter appends a value in the binary format to a column.
func putter(t rows.Type, oid uint32, to array.Builder) func(raw []byte) error {
	switch t {
	case rows.Int:
		b := to.(*array.Int64Builder)
		if oid == pgtype.Int4OID {
			return sized(4, func(raw []byte) { b.Append(int64(int32(be.BigEndian.Uint32(raw)))) })
		}
		return sized(8, func(raw []byte) { b.Append(int64(be.BigEndian.Uint64(raw))) })
	case rows.Double:
		b := to.(*array.Float64Builder)
		return sized(8, func(raw []byte) { b.Append(math.Float64frombits(be.BigEndian.Uint64(raw))) })
	case rows.Bool:
		b := to.(*array.BooleanBuilder)
		return sized(1, func(raw []byte) { b.Append(raw[0] != 0) })
	case rows.Date:
		b := to.(*array.Date32Builder)
		return sized(4, func(raw []byte) { b.Append(arrow.Date32(days(int32(be.BigEndian.Uint32(raw))))) })
	case rows.Timestamp:
		b := to.(*array.TimestampBuilder)
		return sized(8, func(raw []byte) { b.Append(arrow.Timestamp(micros(int64(be.BigEndian.Uint64(raw))))) })
	case rows.Decimal:
		b := to.(*array.Decimal128Builder)
		return func(raw []byte) error {
			v, err := decimalOf(raw)
			if err == nil {
				b.Append(v)
			}
			return err
		}
	case rows.TextList:
		b := to.(*array.ListBuilder)
		return func(raw []byte) error { return putList(b, raw) }
	default:
		b := to.(*array.StringBuilder)
		return func(raw []byte) error { b.BinaryBuilder.Append(raw); return nil }
	}
}

var errBinary = errors.New("a value came in a form that is not known")

func sized(n int, put func(raw []byte)) func(raw []byte) error {
	return func(raw []byte) error {
		if len(raw) != n {
			return errBinary
		}
		put(raw)
		return nil
	}
}

// The server counts from the year 2000; the ends of its range stand for
// infinity, and stay what they are.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86_400_000_000
)

func days(v int32) int32 {
	if v == math.MaxInt32 || v == math.MinInt32 {
		return v
	}
	return v + epochDays
}

func micros(v int64) int64 {
	if v == math.MaxInt64 || v == math.MinInt64 {
		return v
	}
	return v + epochMicros
}

// putList appends a text[]; one of several dimensions as its elements in order.
func putList(b *array.ListBuilder, raw []byte) error {
	const head = 12 // dimensions, flags, type of the elements
	if len(raw) < head {
		return errBinary
	}
	dims := int(be.BigEndian.Uint32(raw))
	if raw = raw[head:]; dims < 0 || dims > 6 || len(raw) < dims*8 {
		return errBinary
	}
	raw = raw[dims*8:] // how many elements, which the rest tells too
	items := b.ValueBuilder().(*array.StringBuilder)
	b.Append(true)
	for len(raw) > 0 {
		if len(raw) < 4 {
			return errBinary
		}
		size := int32(be.BigEndian.Uint32(raw))
		if raw = raw[4:]; size < 0 {
			items.AppendNull()
			continue
		}
		if int(size) > len(raw) {
			return errBinary
		}
		items.BinaryBuilder.Append(raw[:size])
		raw = raw[size:]
	}
	return nil
}
