package postgres

import (
	"errors"
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// TestRights: a role that lacks a right is told which, in one sentence.
func TestRights(t *testing.T) {
	s := pgserver.Need(t)
	db := s.Database(t)
	s.Run(t, db, "CREATE ROLE plain LOGIN", "CREATE SCHEMA shop", "CREATE TABLE shop.orders (id BIGINT)", "CREATE SCHEMA inner_office", "CREATE TABLE inner_office.t (id BIGINT)", "GRANT USAGE ON SCHEMA shop TO plain",
		"CREATE FUNCTION shop.f() RETURNS BIGINT LANGUAGE sql AS 'SELECT 1::bigint'", "REVOKE ALL ON FUNCTION shop.f() FROM PUBLIC", "CREATE TABLE shop.\"Mixed\" (id BIGINT)")
	c := connect(t, s.URL(db, "plain"))
	for _, r := range []struct {
		sql, want string
		is        error
	}{
		{"SELECT * FROM shop.orders", "GRANT SELECT ON orders TO plain", nil},
		{"SELECT * FROM inner_office.t", "GRANT USAGE ON SCHEMA inner_office TO plain", nil},
		{"CREATE TABLE shop.x (id BIGINT)", "GRANT USAGE, CREATE ON SCHEMA shop TO plain", nil},
		{"CREATE SCHEMA weir", "CREATE SCHEMA … AUTHORIZATION plain", nil},
		{"SELECT shop.f() AS x", "GRANT EXECUTE ON FUNCTION f TO plain", nil},
		{"DROP TABLE shop.orders", "give the role plain the right", nil},
		{"CREATE TABLE nosuch.x (id BIGINT)", `schema "nosuch" does not exist (make it, CREATE SCHEMA`, warehouse.ErrNoTable},
		{"SELECT * FROM nosuch.x", "does not exist", warehouse.ErrNoTable},
		{`SELECT * FROM shop."Orders"`, "told apart by their case", warehouse.ErrNoTable},
		{`SELECT order_id FROM shop."Mixed"`, "does not exist", nil},
	} {
		_, err := c.Exec(t.Context(), warehouse.Stmt{SQL: r.sql})
		if err == nil || !strings.Contains(err.Error(), r.want) || strings.Contains(err.Error(), "\n") || r.is != nil && !errors.Is(err, r.is) {
			t.Errorf("%s: %v, want %q in it", r.sql, err, r.want)
		}
	}
	b := rows.NewBuilder([]rows.Column{{Name: "id", Type: rows.Int}})
	b.Int(0, 1)
	batch := b.Build()
	defer batch.Release()
	if err := c.Append(t.Context(), warehouse.Table{Schema: "shop", Name: "orders"}, batch); err == nil || !strings.Contains(err.Error(), "shop.orders") || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("%v, want the table and what is denied", err)
	}
	s.Run(t, db, "ALTER ROLE plain SET default_transaction_read_only = on", "ALTER ROLE plain SET statement_timeout = '20ms'")
	again := connect(t, s.URL(db, "plain"))
	for sql, want := range map[string]string{"CREATE TABLE public.x (id BIGINT)": "replica", "SELECT count(*) AS n FROM generate_series(1, 1000000000)": "statement_timeout"} {
		if _, err := again.Exec(t.Context(), warehouse.Stmt{SQL: sql}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", sql, err, want)
		}
	}
}

// TestNoValues: what rows hold is in no error, whatever the server says.
func TestNoValues(t *testing.T) {
	c := fresh(t)
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE p AS SELECT 'ann@private.example'::text AS x"}); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"CREATE UNIQUE INDEX ON p (x)", "ALTER TABLE p ADD CHECK (x <> 'bob@private.example')", "CREATE FUNCTION shout(x TEXT) RETURNS TEXT LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no: \"%\"', x; END $$"} {
		if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: q}); err != nil {
			t.Fatal(err)
		}
	}
	for _, sql := range []string{"SELECT x::bigint FROM p", "SELECT x::date FROM p", "SELECT x::json FROM p", "SELECT x::uuid FROM p", "SELECT x::boolean FROM p", "SELECT x::inet FROM p", "SELECT (x || '9999')::numeric FROM p", "SELECT x::text[] FROM p", "SELECT x::interval FROM p",
		"INSERT INTO p SELECT x FROM p", "INSERT INTO p SELECT 'bob' || substr(x, 4) FROM p", "SELECT to_timestamp(x, 'YYYY') FROM p", "SELECT shout(x) FROM p", "SELECT x::regclass FROM p", "SELECT json_array_elements(to_json(x)) FROM p", "SELECT ('{' || x)::jsonb FROM p"} {
		_, err := c.Exec(t.Context(), warehouse.Stmt{SQL: sql})
		if err == nil || strings.Contains(err.Error(), "private") {
			t.Errorf("%s: %v, want an error without the value", sql, err)
		}
	}
}

// TestSealOutside: no spelling of what looks outside passes, wherever it stands.
func TestSealOutside(t *testing.T) {
	c := fresh(t)
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE t (a BIGINT, b TEXT)"}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT pg_read_file('/etc/passwd') AS a", "SELECT PG_READ_FILE ('x') AS a", `SELECT "pg_read_file"('x') AS a`, "SELECT pg_catalog.pg_read_file('x') AS a", "SELECT * FROM pg_ls_dir('.')", "SELECT pg_read_file /* a */ -- b\n ('x')",
		"SELECT (SELECT pg_sleep(1)) AS a", "WITH a AS (SELECT lo_import('x')) SELECT * FROM a", "SELECT * FROM dblink('x', 'y') AS d(a INT)", "SELECT nextval('s') AS a", "SELECT set_config('a.b', 'c', false) AS a", "SELECT query_to_xml('DELETE FROM t', true, true, '')",
		`SELECT U&"\0070g_read_file"('x') AS a`, "SELECT * FROM t FOR UPDATE", "SELECT * FROM t FOR NO KEY UPDATE", "SELECT 1 AS a WHERE EXISTS (SELECT 1 FROM t FOR SHARE)",
		"WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "WITH d AS (INSERT INTO t VALUES (1, 'x') RETURNING *) SELECT * FROM d", "SELECT a INTO x FROM t", "DELETE FROM t RETURNING *", "COPY t TO '/tmp/x'", "COPY (SELECT 1) TO PROGRAM 'x'",
		"SET timezone = 'UTC'", "SHOW timezone", "EXPLAIN SELECT 1", "EXECUTE x", "DO $$ BEGIN END $$", "CALL x()", "LOCK TABLE t", "TRUNCATE t", "BEGIN", "COMMIT", "VACUUM", "SELECT 1; DELETE FROM t", "SELECT 1 AS a) AS x; DELETE FROM t; SELECT (1", "SELECT 1 /* ", "SELECT 'x", "PREPARE x AS SELECT 1", "DECLARE c CURSOR FOR SELECT 1", "",
	} {
		var e *warehouse.Error
		if err := c.Seal(t.Context(), sql); !errors.As(err, &e) || e.Line == 0 || e.Col == 0 {
			t.Errorf("%s\n  %v, want a *warehouse.Error with its place", sql, err)
		}
		if _, err := c.Query(t.Context(), warehouse.Stmt{SQL: sql, Sealed: true}); err == nil {
			t.Errorf("%s ran", sql)
		}
	}
	for _, sql := range []string{
		"SELECT * FROM t", "TABLE t", "VALUES (1, 2)", "(SELECT 1 AS a) UNION (SELECT 2)", "SELECT * FROM nosuch JOIN source_orders USING (id)", "SELECT a, row_number() OVER (ORDER BY b) AS n FROM t", "SELECT substring(b FOR 3) AS s FROM t", `SELECT 1 AS "for", 2 AS "update"`,
		"SELECT 'pg_read_file(''x'')' AS a, $$ pg_read_file('x') $$ AS b, E'it\\'s pg_sleep(1)' AS c -- pg_sleep(1)", "SELECT /* pg_sleep(1) /* nested */ */ 1 AS a", "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT * FROM r", "SELECT * FROM generate_series(1, 3) AS g(i)", "SELECT 1 AS a -- last",
	} {
		if err := c.Seal(t.Context(), sql); err != nil {
			t.Errorf("%s\n  %v", sql, err)
		}
	}
}

func TestSealPlace(t *testing.T) {
	c := fresh(t)
	for sql, want := range map[string][2]int{
		"SELECT 'é' AS a,\n  b\nFROM x, pg_ls_dir('f')": {3, 9},
		"SELECT 'é' AS a, pg_sleep(1) AS b":             {1, 18},
		"SELECT a\nFROM t\nWHERE a FROM 1":              {3, 9},
		"SELECT 1;\nSELECT 2":                           {1, 1},
		"UPDATE t SET a = 1":                            {1, 10},
	} {
		var e *warehouse.Error
		if err := c.Seal(t.Context(), sql); !errors.As(err, &e) || e.Line != want[0] || e.Col != want[1] {
			t.Errorf("%q: %v at %d:%d, want it at %v", sql, err, e.Line, e.Col, want)
		}
	}
}

// TestRaces: two that make the same schema and tables at once both succeed.
func TestRaces(t *testing.T) {
	s := pgserver.Need(t)
	db := s.Database(t)
	const n = 8
	conns := make([]*Conn, n)
	for i := range conns {
		conns[i] = connect(t, s.URL(db, s.User))
	}
	for _, sql := range []string{"CREATE SCHEMA IF NOT EXISTS raced", "CREATE TABLE IF NOT EXISTS raced.t (id BIGINT)"} {
		failed := make(chan error, n)
		for _, c := range conns {
			go func() {
				_, err := c.Exec(t.Context(), warehouse.Stmt{SQL: sql})
				failed <- err
			}()
		}
		for range n {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
	}
}

// TestManyFields: more values than a function takes arguments.
func TestManyFields(t *testing.T) {
	c := fresh(t)
	exprs := make([]string, 300)
	for i := range exprs {
		exprs[i] = []string{"'x'", "CAST(NULL AS TEXT)", "''"}[i%3]
	}
	got := texts(t, c, "SELECT "+Dialect.ConcatSkipNull(",", exprs)+" AS x")
	if want := strings.TrimSuffix(strings.Repeat("x,,", 100), ","); got[0] != want {
		t.Errorf("%s", got[0])
	}
}
