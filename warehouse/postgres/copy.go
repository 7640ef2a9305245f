package postgres

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Append implements warehouse.Conn by one COPY in a transaction: all of the
// batch, or nothing. Columns go by name. Bytes that are not UTF-8, and
// NUL, which the server cannot hold, become U+FFFD.
func (c *Conn) Append(ctx context.Context, into warehouse.Table, b *rows.Batch) error {
	return c.inTransaction(ctx, func(conn *pgconn.PgConn) error {
		one := func(yield func(*rows.Batch, error) bool) {
			b.Retain()
			yield(b, nil)
		}
		return c.copy(ctx, conn, into, b.Columns(), one)
	})
}

// Load implements warehouse.Conn: the table with all its rows, or no table.
func (c *Conn) Load(ctx context.Context, into warehouse.Table, r warehouse.Rows) error {
	cols := make([]string, len(r.Columns()))
	for i, col := range r.Columns() {
		cols[i] = quoteName(col.Name) + " " + columnTypes[col.Type]
	}
	return c.inTransaction(ctx, func(conn *pgconn.PgConn) error {
		create := warehouse.Stmt{SQL: "CREATE TABLE " + Dialect.Table(into) + " (" + strings.Join(cols, ", ") + ")"}
		if _, err := c.execute(ctx, conn, create); err != nil {
			return err
		}
		return c.copy(ctx, conn, into, r.Columns(), r.Batches())
	})
}

// copy writes batches to a table, whose columns it names.
func (c *Conn) copy(ctx context.Context, conn *pgconn.PgConn, into warehouse.Table, cols []rows.Column, batches iter.Seq2[*rows.Batch, error]) error {
	names := make([]string, len(cols))
	for i, col := range cols {
		names[i] = quoteName(col.Name)
	}
	next, stop := iter.Pull2(batches)
	defer stop()
	from := &source{next: next, cols: len(cols), buf: append([]byte(nil), copyHead...)}
	sql := "COPY " + Dialect.Table(into) + " (" + strings.Join(names, ", ") + ") FROM STDIN (FORMAT BINARY)"
	_, err := conn.CopyFrom(ctx, from, sql)
	if from.err != nil {
		return from.err // what the server says is only that the rows ended
	}
	if err != nil {
		return fmt.Errorf("write to table %s: %w", into, c.stmtError(warehouse.Stmt{SQL: sql}, err))
	}
	return nil
}

// copyHead begins a COPY in the binary format; copyEnd ends it.
var (
	copyHead = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	copyEnd  = []byte{0xff, 0xff}
)

// source is batches as the bytes of a COPY, made as they are asked for.
type source struct {
	next  func() (*rows.Batch, error, bool)
	batch *rows.Batch
	row   int
	cols  int
	buf   []byte
	ended bool
	err   error // of whoever makes the rows
}

// piece is how many bytes are made at once.
const piece = 64 << 10

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	for len(s.buf) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		if s.ended {
			return 0, io.EOF
		}
		s.fill()
	}
	n := copy(p, s.buf)
	s.buf = s.buf[n:]
	return n, nil
}

// fill makes the next piece.
func (s *source) fill() {
	s.buf = s.buf[:0:cap(s.buf)]
	for len(s.buf) < piece {
		if s.batch == nil {
			b, err, ok := s.next()
			switch {
			case !ok:
				s.buf, s.ended = append(s.buf, copyEnd...), true
				return
			case err != nil:
				s.err = err
				return
			}
			s.batch, s.row = b, 0
		}
		for ; s.row < s.batch.Len() && len(s.buf) < piece; s.row++ {
			s.buf = appendRow(s.buf, s.batch, s.row, s.cols)
		}
		if s.row == s.batch.Len() {
			s.batch.Release()
			s.batch = nil
		}
	}
}
