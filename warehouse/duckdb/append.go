package duckdb

import (
	"context"
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Append implements warehouse.Conn by the Appender, in one transaction: all of
// the batch, or nothing. Columns go by name. Bytes that are not UTF-8 become U+FFFD.
func (c *Conn) Append(ctx context.Context, into warehouse.Table, b *rows.Batch) error {
	return c.inTransaction(ctx, func(conn bindings.Connection) error {
		app, err := newAppender(conn, into, b.Columns())
		if err != nil {
			return err
		}
		return app.finish(app.add(b))
	})
}

// Load implements warehouse.Conn: the table with all its rows, or no table.
func (c *Conn) Load(ctx context.Context, into warehouse.Table, r warehouse.Rows) error {
	cols := make([]string, len(r.Columns()))
	for i, col := range r.Columns() {
		cols[i] = Dialect.Quote(col.Name) + " " + Dialect.TypeNames[col.Type]
	}
	return c.inTransaction(ctx, func(conn bindings.Connection) error {
		if _, err := execute(conn, "CREATE TABLE "+Dialect.Table(into)+" ("+strings.Join(cols, ", ")+")"); err != nil {
			return err
		}
		app, err := newAppender(conn, into, r.Columns())
		if err != nil {
			return err
		}
		return app.finish(app.all(ctx, r))
	})
}

// appender writes batches to one table.
type appender struct {
	app   bindings.Appender
	types []bindings.LogicalType
	cols  []rows.Column
	table warehouse.Table
}

func newAppender(conn bindings.Connection, into warehouse.Table, cols []rows.Column) (*appender, error) {
	a := &appender{table: into, cols: cols}
	if bindings.AppenderCreate(conn, into.Schema, into.Name, &a.app) == bindings.StateError {
		return nil, a.finish(sqlError(bindings.AppenderError(a.app), ""))
	}
	for _, c := range cols {
		if bindings.AppenderAddColumn(a.app, c.Name) == bindings.StateError {
			return nil, a.finish(fmt.Errorf("column %q: %w", c.Name, sqlError(bindings.AppenderError(a.app), "")))
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

// finish writes what was added, or forgets it where err is given: destroying
// an appender would write it.
func (a *appender) finish(err error) error {
	if err == nil && bindings.AppenderFlush(a.app) == bindings.StateError {
		err = sqlError(bindings.AppenderError(a.app), "")
	}
	if a.app.Ptr != nil {
		if err != nil {
			bindings.AppenderClear(a.app)
		}
		bindings.AppenderDestroy(&a.app)
	}
	for i := range a.types {
		bindings.DestroyLogicalType(&a.types[i])
	}
	if err != nil {
		return fmt.Errorf("write to table %s: %w", a.table, err)
	}
	return nil
}

// all adds every batch of a result.
func (a *appender) all(ctx context.Context, r warehouse.Rows) error {
	for b, err := range r.Batches() {
		if err != nil {
			return err
		}
		err = a.add(b)
		b.Release()
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// add copies a batch into chunks of DuckDB's size. Its columns are in the
// order that the appender was made with.
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
			return sqlError(bindings.AppenderError(a.app), "")
		}
	}
	return nil
}
