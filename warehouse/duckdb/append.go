package duckdb

import (
	"context"
	"fmt"
	"strings"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Append implements warehouse.Conn by the Appender: one flush, durable when it
// returns. Columns go by name.
func (c *Conn) Append(ctx context.Context, into warehouse.Table, b *rows.Batch) error {
	return c.with(func(conn bindings.Connection) error {
		app, err := newAppender(conn, into, b.Columns())
		if err != nil {
			return err
		}
		defer app.close()
		if err := app.add(b); err != nil {
			return err
		}
		return contextual(ctx, app.flush())
	})
}

// Load implements warehouse.Conn.
func (c *Conn) Load(ctx context.Context, into warehouse.Table, r warehouse.Rows) error {
	cols := make([]string, len(r.Columns()))
	for i, col := range r.Columns() {
		cols[i] = Dialect.Quote(col.Name) + " " + Dialect.TypeNames[col.Type]
	}
	if _, err := c.Exec(ctx, warehouse.Stmt{SQL: "CREATE TABLE " + Dialect.Table(into) + " (" + strings.Join(cols, ", ") + ")"}); err != nil {
		return err
	}
	return c.with(func(conn bindings.Connection) error {
		app, err := newAppender(conn, into, r.Columns())
		if err != nil {
			return err
		}
		defer app.close()
		for b, err := range r.Batches() {
			if err != nil {
				return err
			}
			err = app.add(b)
			b.Release()
			if err != nil {
				return err
			}
		}
		return contextual(ctx, app.flush())
	})
}

// appender writes batches to one table.
type appender struct {
	app   bindings.Appender
	types []bindings.LogicalType
	table warehouse.Table
}

func newAppender(conn bindings.Connection, into warehouse.Table, cols []rows.Column) (*appender, error) {
	a := &appender{table: into}
	if bindings.AppenderCreate(conn, into.Schema, into.Name, &a.app) == bindings.StateError {
		err := sqlError(bindings.AppenderError(a.app), "")
		a.close()
		return nil, err
	}
	for _, c := range cols {
		if bindings.AppenderAddColumn(a.app, c.Name) == bindings.StateError {
			err := fmt.Errorf("table %s: %w", into, sqlError(bindings.AppenderError(a.app), ""))
			a.close()
			return nil, err
		}
		a.types = append(a.types, logicalType(c.Type))
	}
	return a, nil
}

func logicalType(t rows.Type) bindings.LogicalType {
	switch t {
	case rows.Int:
		return bindings.CreateLogicalType(bindings.TypeBigInt)
	case rows.Double:
		return bindings.CreateLogicalType(bindings.TypeDouble)
	case rows.Decimal:
		return bindings.CreateDecimalType(38, 9)
	case rows.Bool:
		return bindings.CreateLogicalType(bindings.TypeBoolean)
	case rows.Date:
		return bindings.CreateLogicalType(bindings.TypeDate)
	case rows.Timestamp:
		return bindings.CreateLogicalType(bindings.TypeTimestamp)
	case rows.TextList:
		child := bindings.CreateLogicalType(bindings.TypeVarchar)
		defer bindings.DestroyLogicalType(&child)
		return bindings.CreateListType(child)
	default:
		return bindings.CreateLogicalType(bindings.TypeVarchar)
	}
}

func (a *appender) close() {
	for i := range a.types {
		bindings.DestroyLogicalType(&a.types[i])
	}
	a.types = nil
	bindings.AppenderDestroy(&a.app)
}

func (a *appender) flush() error {
	if bindings.AppenderFlush(a.app) == bindings.StateError {
		err := sqlError(bindings.AppenderError(a.app), "")
		bindings.AppenderClear(a.app)
		return fmt.Errorf("append to %s: %w", a.table, err)
	}
	return nil
}

// add copies a batch into chunks of DuckDB's size.
func (a *appender) add(b *rows.Batch) error {
	step := int(bindings.VectorSize())
	for from := 0; from < b.Len(); from += step {
		n := min(step, b.Len()-from)
		chunk := bindings.CreateDataChunk(a.types)
		for c := range a.types {
			fillVector(bindings.DataChunkGetVector(chunk, bindings.IdxT(c)), b.At(c), from, n)
		}
		bindings.DataChunkSetSize(chunk, bindings.IdxT(n))
		state := bindings.AppendDataChunk(a.app, chunk)
		bindings.DestroyDataChunk(&chunk)
		if state == bindings.StateError {
			return fmt.Errorf("append to %s: %w", a.table, sqlError(bindings.AppenderError(a.app), ""))
		}
	}
	return nil
}

// fillVector copies n values of a field into a vector.
func fillVector(vec bindings.Vector, f *rows.Field, from, n int) {
	if f.Type == rows.TextList {
		fillList(vec, f, from, n)
		return
	}
	data := bindings.VectorGetData(vec)
	for i := range n {
		if f.Null(from + i) {
			setNull(vec, i)
			continue
		}
		switch f.Type {
		case rows.Int, rows.Timestamp:
			*(*int64)(unsafe.Add(data, i*8)) = f.Int(from + i)
		case rows.Double:
			*(*float64)(unsafe.Add(data, i*8)) = f.Double(from + i)
		case rows.Bool:
			*(*bool)(unsafe.Add(data, i)) = f.Bool(from + i)
		case rows.Date:
			*(*int32)(unsafe.Add(data, i*4)) = f.Days(from + i)
		case rows.Decimal:
			lo, hi := f.Decimal(from + i)
			*(*uint64)(unsafe.Add(data, i*16)) = lo
			*(*int64)(unsafe.Add(data, i*16+8)) = hi
		default:
			bindings.VectorAssignStringElementLen(vec, bindings.IdxT(i), f.Bytes(from+i))
		}
	}
}

func setNull(vec bindings.Vector, i int) {
	bindings.VectorEnsureValidityWritable(vec)
	bindings.ValiditySetRowInvalid(bindings.VectorGetValidity(vec), bindings.IdxT(i))
}

func fillList(vec bindings.Vector, f *rows.Field, from, n int) {
	total := 0
	for i := range n {
		total += len(f.List(from + i))
	}
	bindings.ListVectorReserve(vec, bindings.IdxT(total))
	bindings.ListVectorSetSize(vec, bindings.IdxT(total))
	child := bindings.ListVectorGetChild(vec)
	data := bindings.VectorGetData(vec)
	at := 0
	for i := range n {
		if f.Null(from + i) {
			setNull(vec, i)
			continue
		}
		items := f.List(from + i)
		*(*listEntry)(unsafe.Add(data, i*16)) = listEntry{uint64(at), uint64(len(items))}
		for _, s := range items {
			bindings.VectorAssignStringElementLen(child, bindings.IdxT(at), []byte(s))
			at++
		}
	}
}
