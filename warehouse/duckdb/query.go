package duckdb

import (
	"context"
	"errors"
	"fmt"
	"iter"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Query implements warehouse.Conn: it streams on a connection of its own and
// holds a few batches, whatever the size of the result.
//
// Streaming is the C API's pending-result door, deprecated there and the only
// one that does not hold the whole result: it stands in this file alone.
func (c *Conn) Query(ctx context.Context, s warehouse.Stmt) (warehouse.Rows, error) {
	sql, err := c.ready(ctx, s)
	if err != nil {
		return nil, err
	}
	conn, err := c.take()
	if err != nil {
		return nil, err
	}
	r := &result{ctx: ctx, c: c, conn: conn, stmtOf: s, sql: sql, stop: interruptOn(ctx, conn)}
	if err := r.start(); err != nil {
		r.close()
		return nil, contextual(ctx, err)
	}
	c.unread.Add(r, r.close)
	return r, nil
}

// result is a query under way.
type result struct {
	ctx    context.Context
	c      *Conn
	conn   bindings.Connection
	stmtOf warehouse.Stmt
	sql    string
	stop   func()
	stmt   bindings.PreparedStatement
	res    bindings.Result
	cols   []rows.Column
	ended  bool // the last chunk was read; asking again is an error
	done   bool
}

func (r *result) start() error {
	if bindings.Prepare(r.conn, r.sql, &r.stmt) == bindings.StateError {
		return r.error(bindings.PrepareError(r.stmt))
	}
	var pending bindings.PendingResult
	defer bindings.DestroyPending(&pending)
	if bindings.PendingPreparedStreaming(r.stmt, &pending) == bindings.StateError {
		return r.error(bindings.PendingError(pending))
	}
	if bindings.ExecutePending(pending, &r.res) == bindings.StateError {
		text := bindings.ResultError(&r.res)
		if text == "" {
			text = bindings.PendingError(pending)
		}
		return r.error(text)
	}
	for i := range bindings.ColumnCount(&r.res) {
		t := bindings.ColumnLogicalType(&r.res, i)
		name := bindings.ColumnName(&r.res, i)
		col, ok := columnType(t)
		native := nativeName(t)
		bindings.DestroyLogicalType(&t)
		if !ok {
			return fmt.Errorf("column %q is of type %s, which is none of Weir's: cast it", name, native)
		}
		r.cols = append(r.cols, rows.Column{Name: name, Type: col})
	}
	return nil
}

// columnType is the type of Weir a result column has; queries cast to them, so
// any other is refused.
func columnType(t bindings.LogicalType) (rows.Type, bool) {
	switch bindings.GetTypeId(t) {
	case bindings.TypeVarchar, bindings.TypeSQLNull:
		if bindings.LogicalTypeGetAlias(t) == "JSON" {
			return rows.JSON, true
		}
		return rows.Text, true
	case bindings.TypeBigInt:
		return rows.Int, true
	case bindings.TypeDouble:
		return rows.Double, true
	case bindings.TypeBoolean:
		return rows.Bool, true
	case bindings.TypeDate:
		return rows.Date, true
	case bindings.TypeTimestamp:
		return rows.Timestamp, true
	case bindings.TypeDecimal:
		return rows.Decimal, bindings.DecimalWidth(t) == 38 && bindings.DecimalScale(t) == 9
	case bindings.TypeList:
		child := bindings.ListTypeChildType(t)
		defer bindings.DestroyLogicalType(&child)
		return rows.TextList, bindings.GetTypeId(child) == bindings.TypeVarchar
	case bindings.TypeHugeInt, bindings.TypeInteger:
		return rows.Int, true // sums and small literals of our own bookkeeping
	default:
		return 0, false
	}
}

// Columns implements rows.Rows.
func (r *result) Columns() []rows.Column { return r.cols }

// Batches implements rows.Rows.
func (r *result) Batches() iter.Seq2[*rows.Batch, error] {
	return func(yield func(*rows.Batch, error) bool) {
		if !r.c.unread.Begin(r) {
			yield(nil, errors.New("the result was read already, or the warehouse was closed"))
			return
		}
		defer r.close()
		copier := newCopier(r.cols)
		for {
			n, err := r.fill(copier)
			if err != nil {
				yield(nil, contextual(r.ctx, err))
				return
			}
			if n == 0 {
				return
			}
			b, err := copier.batch()
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// fill copies some chunks; 0 rows is the end.
func (r *result) fill(to *copier) (int, error) {
	for i := 0; i < chunksABatch && !r.ended && !to.full(); i++ {
		if r.ctx.Err() != nil {
			return 0, context.Cause(r.ctx)
		}
		chunk := bindings.FetchChunk(r.res)
		if chunk.Ptr == nil {
			if text := bindings.ResultError(&r.res); text != "" {
				return 0, r.error(text)
			}
			r.ended = true
			break
		}
		err := to.chunk(chunk)
		bindings.DestroyDataChunk(&chunk)
		if err != nil {
			return 0, err
		}
	}
	return to.n, nil
}

func (r *result) error(text string) error { return placed(r.stmtOf, sqlError(text, r.sql)) }

func (r *result) close() {
	if r.done {
		return
	}
	r.done = true
	r.stop()
	bindings.DestroyResult(&r.res)
	bindings.DestroyPrepare(&r.stmt)
	r.c.put(r.conn)
}
