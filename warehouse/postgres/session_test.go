package postgres

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/warehouse"
)

// TestSessions: what a role was given does not change what is read and written.
func TestSessions(t *testing.T) {
	s := pgserver.Need(t)
	db := s.Database(t)
	s.Run(t, db, "CREATE ROLE odd LOGIN SUPERUSER", "ALTER ROLE odd SET timezone = 'America/New_York'", "ALTER ROLE odd SET datestyle = 'German'", "ALTER ROLE odd SET extra_float_digits = -5", "ALTER ROLE odd SET synchronous_commit = off",
		"ALTER ROLE odd SET standard_conforming_strings = off", "ALTER ROLE odd SET default_transaction_isolation = 'serializable'")
	c := connect(t, s.URL(db, "odd"))
	settings := "current_setting('transaction_isolation') AS i, current_setting('timezone') AS z"
	got := texts(t, c, `SELECT CAST(DATE '2026-07-01' AS TEXT) AS d, CAST(0.1::float8 + 0.2 AS TEXT) AS f, 'a\b' AS s, `+settings)
	if want := `2026-07-01 0.30000000000000004 a\b read committed UTC`; got[0] != want {
		t.Errorf("%s, want %s", got[0], want)
	}
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE written AS SELECT current_setting('synchronous_commit') AS c, " + settings}); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, c, "SELECT * FROM written"); got[0] != "on read committed UTC" {
		t.Error(got[0])
	}
}

// TestBroken: a connection that ends while it is used is one sentence, and the
// next one works.
func TestBroken(t *testing.T) {
	s := pgserver.Need(t)
	c := fresh(t)
	r, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 300000) AS s(i)", Label: "broken"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for b, e := range r.Batches() {
		if err = e; e == nil {
			b.Release()
		}
		if n++; n == 1 {
			s.Run(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '/* broken%'")
		}
	}
	if err == nil || !strings.Contains(err.Error(), "broke") || !strings.Contains(err.Error(), "run it again") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, want one sentence", err)
	}
	if got := texts(t, c, "SELECT 'x' AS x"); got[0] != "x" {
		t.Error(got)
	}
}

// TestSenderDies: a statement whose sender is gone is not committed when the
// server is done with it.
func TestSenderDies(t *testing.T) {
	s := pgserver.Need(t)
	url := s.URL(s.Database(t), s.User)
	l, err := parse(url, true)
	if err != nil {
		t.Fatal(err)
	}
	sockets := make(chan net.Conn, 8)
	l.config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		sockets <- conn
		return conn, err
	}
	dying, err := open(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dying.Close() }()
	watch := connect(t, url)
	running := func() bool {
		return len(texts(t, watch, "SELECT 'x' AS x FROM pg_stat_activity WHERE query LIKE '/* dying%' AND state = 'active'")) > 0
	}
	if _, err := dying.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE t (id BIGINT)"}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := dying.Exec(t.Context(), warehouse.Stmt{SQL: "INSERT INTO t SELECT 1 FROM pg_sleep(0.5)", Label: "dying"})
		ended <- err
	}()
	for !running() {
	}
	for len(sockets) > 0 {
		_ = (<-sockets).Close()
	}
	if err := <-ended; err == nil {
		t.Error("it did not notice")
	}
	for running() {
	}
	if got := texts(t, watch, "SELECT id FROM t"); len(got) != 0 {
		t.Errorf("%d rows were committed", len(got))
	}
}

// TestStopped: what a context ends has ended at the server too.
func TestStopped(t *testing.T) {
	c := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // as soon as the server works on it
		watch := warehouse.Stmt{SQL: "SELECT 'x' AS x FROM pg_stat_activity WHERE query LIKE '/* endless%' AND state = 'active'"}
		for ctx.Err() == nil {
			if r, err := c.Query(ctx, watch); err == nil {
				for b := range r.Batches() {
					b.Release()
					cancel()
				}
			}
		}
	}()
	_, err := c.Exec(ctx, warehouse.Stmt{SQL: "SELECT count(*) FROM generate_series(1, 1000000000) AS a(i), generate_series(1, 1000000) AS b(i)", Label: "endless"})
	cancel()
	if err == nil {
		t.Fatal("no error")
	}
	if got := texts(t, c, "SELECT 'x' AS x FROM pg_stat_activity WHERE query LIKE '/* endless%' AND state = 'active'"); len(got) != 0 {
		t.Errorf("%d still run", len(got))
	}
}
