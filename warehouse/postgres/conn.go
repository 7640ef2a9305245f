// Package postgres is PostgreSQL as a warehouse: rows come in its binary
// format straight into Weir's batches and go in by COPY; nothing is read or
// written row by row through maps.
package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/weir-data/weir/warehouse"
)

// Conn is an open PostgreSQL database: a pool of connections.
type Conn struct {
	login   *login
	pool    *pgxpool.Pool
	dialect *warehouse.Dialect

	mu     sync.Mutex
	unread warehouse.Unread
	closed bool
}

var (
	_ warehouse.Conn      = (*Conn)(nil)
	_ warehouse.Atomic    = (*Conn)(nil)
	_ warehouse.Describer = (*Conn)(nil)
	_ warehouse.Sealer    = (*Conn)(nil)
)

// oldest is the first major version that has all that is asked of it.
const oldest = 15

// Open opens the database at a URL, as postgres://user:password@host:5432/database.
// Its error says what to do, and the password is not in it.
func Open(ctx context.Context, url string) (*Conn, error) {
	l, err := parse(url, true)
	if err != nil {
		return nil, err
	}
	return open(ctx, l)
}

// open connects and looks at the server.
func open(ctx context.Context, l *login) (*Conn, error) {
	c := &Conn{login: l}
	pool, err := pgxpool.NewWithConfig(ctx, l.config)
	if err != nil {
		return nil, l.error(err)
	}
	c.pool = pool
	err = c.with(ctx, func(conn *pgconn.PgConn) error {
		major := majorOf(conn.ParameterStatus("server_version"))
		if major < oldest {
			return sayf("the server at %s is PostgreSQL %d, and Weir needs %d or newer (upgrade it, or name another server)", l.address(), major, oldest)
		}
		if e := conn.ParameterStatus("server_encoding"); e != "UTF8" {
			return sayf("the database %s keeps its text as %s, and Weir needs UTF8 (name another database in warehouse.database)", l.config.ConnConfig.Database, e)
		}
		c.dialect = dialectOf(major)
		return nil
	})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return c, nil
}

// majorOf is the first number of a version; the oldest there is where it tells none.
func majorOf(version string) int {
	digits := strings.IndexFunc(version+".", func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(version[:digits])
	if err != nil {
		return oldest
	}
	return n
}

// Dialect implements warehouse.Conn.
func (c *Conn) Dialect() *warehouse.Dialect { return c.dialect }

// take is a connection of our own until give.
func (c *Conn) take(ctx context.Context) (*pgxpool.Conn, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return nil, errors.New("the warehouse is closed")
	}
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return nil, contextual(ctx, c.login.error(err))
	}
	return conn, nil
}

// give hands a connection back. One whose statement was cut off is closed: the
// server might take the word to stop for its next statement.
func give(ctx context.Context, conn *pgxpool.Conn) {
	if ctx.Err() != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
		defer cancel()
		_ = conn.Conn().Close(end)
	}
	conn.Release()
}

func (c *Conn) with(ctx context.Context, f func(*pgconn.PgConn) error) error {
	conn, err := c.take(ctx)
	if err != nil {
		return err
	}
	defer give(ctx, conn)
	return f(conn.Conn().PgConn())
}

// Close ends what nobody reads, waits for what is running and disconnects.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.mu.Unlock()
	c.unread.Close()
	c.pool.Close()
	return nil
}

// stopFor is how long the server is given to stop a statement.
const stopFor = 5 * time.Second

// again is how long a word to stop waits for the statement to end.
const again = 50 * time.Millisecond

// canceller tells the server to stop what runs when a context ends: closing
// the connection alone would let it go on. The server forgets a word that
// comes between two messages of a statement, so it is repeated.
type canceller struct {
	conn *pgconn.PgConn
	over chan struct{} // the statement has ended
	done chan struct{} // and nothing more is sent
}

func newCanceller(conn *pgconn.PgConn) ctxwatch.Handler { return &canceller{conn: conn} }

// HandleCancel implements ctxwatch.Handler.
func (h *canceller) HandleCancel(ctx context.Context) {
	h.over, h.done = make(chan struct{}), make(chan struct{})
	deadline := time.Now().Add(stopFor)
	_ = h.conn.Conn().SetDeadline(deadline)
	go func() {
		defer close(h.done)
		stop, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
		defer cancel()
		for {
			_ = h.conn.CancelRequest(stop) // where it cannot be sent, the deadline ends the wait
			select {
			case <-h.over:
				return
			case <-stop.Done():
				return
			case <-time.After(again):
			}
		}
	}()
}

// HandleUnwatchAfterCancel implements ctxwatch.Handler.
func (h *canceller) HandleUnwatchAfterCancel() {
	close(h.over)
	<-h.done
	_ = h.conn.Conn().SetDeadline(time.Time{})
}

// contextual prefers the context's word over what the end of it caused.
func contextual(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
