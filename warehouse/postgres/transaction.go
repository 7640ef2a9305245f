package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/weir-data/weir/warehouse"
)

// endFor is how long a commit may take.
const endFor = time.Minute

// Every transaction begins by setting, for itself alone, what a role or a
// database may have been given and what would lose digits or plan badly: tables
// that were just made have no statistics, and a nested loop over them never
// ends. Nothing is set for a session, which a pooler may give to others.
const settled = "; SET LOCAL extra_float_digits = 1; SET LOCAL standard_conforming_strings = on; SET LOCAL enable_nestloop = off; SET LOCAL jit = off"

// reading and writing begin a transaction. What was written is durable when it
// is committed.
const (
	reading = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY" + settled
	writing = "BEGIN ISOLATION LEVEL READ COMMITTED" + settled + "; SELECT set_config('synchronous_commit', 'on', TRUE) WHERE current_setting('synchronous_commit') = 'off'"
)

func (c *Conn) begin(ctx context.Context, conn *pgconn.PgConn, how string) error {
	_, err := conn.Exec(ctx, how).ReadAll()
	return contextual(ctx, c.stmtError(warehouse.Stmt{}, err))
}

// back ends a transaction without what it did. The context does not stop it.
func (c *Conn) back(ctx context.Context, conn *pgconn.PgConn) {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
	defer cancel()
	if _, err := conn.Exec(end, "ROLLBACK").ReadAll(); err != nil {
		_ = conn.Close(end) // the server takes back what nobody holds
	}
}

// inTransaction commits what f does, or nothing of it. The context stops f; it
// stops neither the commit nor the way back.
func (c *Conn) inTransaction(ctx context.Context, f func(*pgconn.PgConn) error) error {
	return c.with(ctx, func(conn *pgconn.PgConn) error {
		if err := c.begin(ctx, conn, writing); err != nil {
			return err
		}
		if err := f(conn); err != nil {
			c.back(ctx, conn)
			return contextual(ctx, err)
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endFor)
		defer cancel()
		_, err := conn.Exec(end, "COMMIT").ReadAll()
		return c.stmtError(warehouse.Stmt{}, err)
	})
}
