package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/weir-data/weir/warehouse"
)

// Exec implements warehouse.Conn. The statement has a transaction of its own:
// one whose sender dies is not committed behind the back of who comes after.
func (c *Conn) Exec(ctx context.Context, s warehouse.Stmt) (n int64, err error) {
	if err := c.ready(ctx, s); err != nil {
		return 0, err
	}
	for range 3 {
		var said error
		err = c.inTransaction(ctx, func(conn *pgconn.PgConn) error {
			n, said = send(ctx, conn, s)
			return c.stmtError(s, said)
		})
		if !raced(s, said) {
			break
		}
	}
	return n, err
}

// raced tells whether a statement met another that made the same table or
// schema in that moment: the server's IF NOT EXISTS does not see it.
func raced(s warehouse.Stmt, err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) || !strings.Contains(s.SQL, "IF NOT EXISTS") {
		return false
	}
	return e.Code == "23505" && e.SchemaName == "pg_catalog" || e.Code == "42710" || e.Code == "42P06" || e.Code == "42P07"
}

// Atomically implements warehouse.Atomic.
func (c *Conn) Atomically(ctx context.Context, stmts []warehouse.Stmt) error {
	for _, s := range stmts {
		if err := c.ready(ctx, s); err != nil {
			return err
		}
	}
	if len(stmts) == 0 {
		return nil
	}
	return c.inTransaction(ctx, func(conn *pgconn.PgConn) error {
		for _, s := range stmts {
			if _, err := c.execute(ctx, conn, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// ready looks at a statement before it is sent.
func (c *Conn) ready(ctx context.Context, s warehouse.Stmt) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := plainText(s.SQL); err != nil {
		return err
	}
	if s.Sealed {
		return c.Seal(ctx, s.SQL)
	}
	return nil
}

// plainText refuses a NUL: it ends a statement on its way to the server.
func plainText(sql string) error {
	if at := strings.IndexByte(sql, 0); at >= 0 {
		return complaint(sql, at, "there is a NUL character in the SQL")
	}
	return nil
}

// label is what a statement is for, as a comment in front of it.
func label(s warehouse.Stmt) string {
	if s.Label == "" {
		return ""
	}
	return "/* " + strings.NewReplacer("*/", "* /", "/*", "/ *", "\n", " ", "\x00", " ").Replace(s.Label) + " */ "
}

// execute runs one statement and gives the rows it changed.
func (c *Conn) execute(ctx context.Context, conn *pgconn.PgConn, s warehouse.Stmt) (int64, error) {
	n, err := send(ctx, conn, s)
	return n, c.stmtError(s, err)
}

func send(ctx context.Context, conn *pgconn.PgConn, s warehouse.Stmt) (int64, error) {
	tag, err := conn.ExecParams(ctx, label(s)+s.SQL, nil, nil, nil, nil).Close()
	return tag.RowsAffected(), err
}
