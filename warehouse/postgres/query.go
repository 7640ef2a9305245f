package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// binary asks for every column in PostgreSQL's binary format.
var binary = []int16{pgtype.BinaryFormatCode}

// Query implements warehouse.Conn: it streams on a connection of its own, in a
// transaction that may only read, and holds one batch, whatever the size of the result; the server waits while
// nobody reads.
func (c *Conn) Query(ctx context.Context, s warehouse.Stmt) (warehouse.Rows, error) {
	if err := c.ready(ctx, s); err != nil {
		return nil, err
	}
	own, stop := context.WithCancelCause(ctx)
	conn, err := c.take(own)
	if err != nil {
		stop(nil)
		return nil, err
	}
	r := &result{ctx: own, stop: stop, c: c, conn: conn, stmt: s}
	if err := r.start(); err != nil {
		r.close()
		return nil, contextual(ctx, err)
	}
	c.unread.Add(r, r.close)
	return r, nil
}

// result is a query under way.
type result struct {
	ctx   context.Context
	stop  context.CancelCauseFunc
	c     *Conn
	conn  *pgxpool.Conn
	stmt  warehouse.Stmt
	read  *pgconn.ResultReader
	cols  []rows.Column
	ended bool // the last row was read, or the server complained
	done  bool
}

func (r *result) start() error {
	pg := r.conn.Conn().PgConn()
	if err := r.c.begin(r.ctx, pg, reading); err != nil {
		return err
	}
	r.read = pg.ExecParams(r.ctx, label(r.stmt)+r.stmt.SQL, nil, nil, nil, binary)
	fields := r.read.FieldDescriptions()
	if len(fields) == 0 {
		_, err := r.read.Close()
		r.ended = true
		if err == nil {
			err = errors.New("the statement gives no rows: it is no query")
		}
		return r.c.stmtError(r.stmt, err)
	}
	for _, f := range fields {
		t, ok := columnType(f)
		if !ok {
			return fmt.Errorf("column %q is of type %s, which is none of Weir's: cast it", f.Name, wireName(f.DataTypeOID))
		}
		r.cols = append(r.cols, rows.Column{Name: f.Name, Type: t})
	}
	return nil
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
		into := newFiller(r.cols, r.read.FieldDescriptions())
		for !r.ended {
			b, err := r.batch(into)
			if err != nil {
				yield(nil, contextual(r.ctx, err))
				return
			}
			if b == nil || !yield(b, nil) {
				return
			}
		}
	}
}

// batch reads one batch; nil at the end.
func (r *result) batch(into *filler) (*rows.Batch, error) {
	for !into.full() {
		if !r.read.NextRow() {
			r.ended = true
			if _, err := r.read.Close(); err != nil {
				return nil, r.c.stmtError(r.stmt, err)
			}
			break
		}
		if err := into.row(r.read.Values()); err != nil {
			return nil, err
		}
	}
	if into.n == 0 {
		return nil, nil
	}
	return into.batch()
}

// errLeft ends a query that nobody reads on.
var errLeft = errors.New("the rows were not read to their end")

// close gives the connection back; a query that has not ended is stopped.
func (r *result) close() {
	if r.done {
		return
	}
	r.done = true
	if !r.ended && r.read != nil {
		r.stop(errLeft)
		_, _ = r.read.Close()
	}
	r.c.back(r.ctx, r.conn.Conn().PgConn())
	give(r.ctx, r.conn)
	r.stop(nil)
}
