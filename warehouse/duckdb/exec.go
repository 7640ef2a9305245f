package duckdb

import (
	"context"
	"errors"
	"strings"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/warehouse"
)

// Exec implements warehouse.Conn.
func (c *Conn) Exec(ctx context.Context, s warehouse.Stmt) (int64, error) {
	sql, err := c.ready(ctx, s)
	if err != nil {
		return 0, err
	}
	var n int64
	err = c.with(func(conn bindings.Connection) error {
		defer interruptOn(ctx, conn)()
		var err error
		n, err = execute(conn, sql)
		return contextual(ctx, placed(s, err))
	})
	return n, err
}

// Atomically implements warehouse.Atomic.
func (c *Conn) Atomically(ctx context.Context, stmts []warehouse.Stmt) error {
	texts := make([]string, len(stmts))
	for i, s := range stmts {
		var err error
		if texts[i], err = c.ready(ctx, s); err != nil {
			return err
		}
	}
	return c.inTransaction(ctx, func(conn bindings.Connection) error {
		for i, s := range stmts {
			if _, err := execute(conn, texts[i]); err != nil {
				return placed(s, err)
			}
		}
		return nil
	})
}

// inTransaction commits what f does, or nothing of it. The context stops f; it
// stops neither the commit nor the way back.
func (c *Conn) inTransaction(ctx context.Context, f func(bindings.Connection) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return c.with(func(conn bindings.Connection) error {
		if _, err := execute(conn, "BEGIN TRANSACTION"); err != nil {
			return err
		}
		stop := interruptOn(ctx, conn)
		err := f(conn)
		stop()
		if err == nil {
			_, err = execute(conn, "COMMIT")
		}
		if err == nil {
			return nil
		}
		if _, back := execute(conn, "ROLLBACK"); back != nil && !strings.Contains(back.Error(), "no transaction is active") {
			err = errors.Join(err, back)
		}
		return contextual(ctx, err)
	})
}

// ready is a statement's text as it is sent, with its label; a sealed one is
// looked at before.
func (c *Conn) ready(ctx context.Context, s warehouse.Stmt) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err := plainText(s.SQL); err != nil {
		return "", err
	}
	if s.Sealed {
		if err := c.Seal(ctx, s.SQL); err != nil {
			return "", err
		}
	}
	return label(s) + s.SQL, nil
}

// label is what a statement is for, as a comment in front of it.
func label(s warehouse.Stmt) string {
	if s.Label == "" {
		return ""
	}
	return "/* " + strings.NewReplacer("*/", "* /", "/*", "/ *", "\n", " ", "\x00", " ").Replace(s.Label) + " */ "
}

// placed takes the label out of a complaint's column.
func placed(s warehouse.Stmt, err error) error {
	var e *warehouse.Error
	if errors.As(err, &e) && e.Line == 1 && e.Col > len([]rune(label(s))) {
		e.Col -= len([]rune(label(s)))
	}
	return err
}

// plainText refuses a NUL: DuckDB would take it for the end of the statement.
func plainText(sql string) error {
	if at := strings.IndexByte(sql, 0); at >= 0 {
		return complaint(sql, at, "there is a NUL character in the SQL")
	}
	return nil
}

// execute runs one statement and gives the rows it changed.
func execute(conn bindings.Connection, sql string) (int64, error) {
	var res bindings.Result
	state := bindings.Query(conn, sql, &res)
	defer bindings.DestroyResult(&res)
	if state == bindings.StateError {
		return 0, sqlError(bindings.ResultError(&res), sql)
	}
	return int64(bindings.RowsChanged(&res)), nil
}

// oneText runs a SELECT of one text.
func oneText(conn bindings.Connection, sql string) (string, error) {
	var res bindings.Result
	state := bindings.Query(conn, sql, &res)
	defer bindings.DestroyResult(&res)
	if state == bindings.StateError {
		return "", sqlError(bindings.ResultError(&res), sql)
	}
	chunk := bindings.FetchChunk(res)
	if chunk.Ptr == nil {
		return "", errors.New("duckdb: a row was expected and there is none")
	}
	defer bindings.DestroyDataChunk(&chunk)
	c := column{Column: textColumn, off: []int32{0}}
	if err := c.append(bindings.DataChunkGetVector(chunk, 0), 0, 0, 1); err != nil {
		return "", err
	}
	return string(c.data), nil
}

// again is how long an interrupt waits for the statement to notice.
const again = 20 * time.Millisecond

// interruptOn stops the connection's statement when ctx ends; the function
// that it gives ends the watch, and returns when it has ended. An interrupt
// that comes before the statement is lost on DuckDB, so it is repeated.
func interruptOn(ctx context.Context, conn bindings.Connection) func() {
	over, gone := make(chan struct{}), make(chan struct{})
	cancelled := context.AfterFunc(ctx, func() {
		defer close(gone)
		for {
			bindings.Interrupt(conn)
			select {
			case <-over:
				return
			case <-time.After(again):
			}
		}
	})
	return func() {
		if cancelled() {
			return
		}
		close(over)
		<-gone
	}
}

// contextual prefers the context's word over the engine's "interrupted".
func contextual(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
