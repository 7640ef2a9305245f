package warehousetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func describeTopic(s *suite) {
	c, ok := s.conn.(warehouse.Describer)
	if !ok {
		s.Skip("this engine does not describe queries")
	}
	t := s.table(everyType...)
	got, err := c.Describe(s.ctx, warehouse.Stmt{SQL: "SELECT * FROM " + s.d.Table(t), Label: "suite"})
	if err != nil {
		s.Fatal(err)
	}
	if len(got) != len(everyType) {
		s.Fatalf("%d columns, want %d", len(got), len(everyType))
	}
	for i, col := range everyType {
		g := got[i]
		if g.Name != col.Name || g.Type != col.Type || g.Native == "" {
			s.Errorf("%+v, want %s %s", g, col.Name, col.Type)
		}
		if s.d.CanFail(g, col.Type) {
			s.Errorf("a cast of %s, as Weir itself makes it, to %s cannot fail, and the dialect says it can", g.Native, col.Type)
		}
		// what was described can be cast, and comes back as said
		r, err := s.conn.Query(s.ctx, warehouse.Stmt{SQL: "SELECT " + s.d.Cast(s.d.Quote(g.Name), g, g.Type, "") + " AS x FROM " + s.d.Table(t)})
		if err != nil {
			s.Errorf("%s: %v", g.Native, err)
			continue
		}
		if r.Columns()[0].Type != g.Type {
			s.Errorf("%s was cast to %s and came as %s", g.Native, g.Type, r.Columns()[0].Type)
		}
		for b, err := range r.Batches() {
			s.Errorf("the table is empty, and gave %v, %v", b, err)
		}
	}
}

func atomicTopic(s *suite) {
	c, ok := s.conn.(warehouse.Atomic)
	if !ok {
		s.Skip("this engine runs one statement at a time")
	}
	t := s.d.Table(s.table(rows.Column{Name: "i", Type: rows.Int}))
	stmts := func(sql ...string) []warehouse.Stmt {
		out := make([]warehouse.Stmt, len(sql))
		for i := range sql {
			out[i] = warehouse.Stmt{SQL: sql[i], Label: "suite"}
		}
		return out
	}
	count := func() string { return s.query("SELECT COUNT(*) AS n FROM " + t)[0][0] }
	if err := c.Atomically(s.ctx, stmts("INSERT INTO "+t+" VALUES (1)", "INSERT INTO "+t+" VALUES (2)")); err != nil || count() != "2" {
		s.Errorf("%v, %s rows", err, count())
	}
	if err := c.Atomically(s.ctx, stmts("DELETE FROM "+t, "INSERT INTO "+t+" VALUES (1 / nosuch)")); err == nil || count() != "2" {
		s.Errorf("a failed transaction: %v, %s rows", err, count())
	}
	if err := c.Atomically(s.ctx, nil); err != nil {
		s.Errorf("no statements: %v", err)
	}
	for range 20 { // connections are clean after a failure
		if err := c.Atomically(s.ctx, stmts("INSERT INTO "+t+" VALUES (1)", "DELETE FROM "+t+" WHERE i = 1")); err != nil {
			s.Fatal(err)
		}
	}
	if count() != "1" {
		s.Errorf("%s rows, want 1", count())
	}
}

// refused is SQL that would do more than read tables.
var refused = []string{"", "-- nothing", "SELECT 1; SELECT 2", "INSERT INTO x VALUES (1)", "DELETE FROM x", "UPDATE x SET a = 1", "DROP TABLE x", "CREATE TABLE y AS SELECT 1 AS a", "SELECT 1 AS", "SELECT (1 AS a", "SELECT 1 AS a) UNION (SELECT 2"}

func sealTopic(s *suite) {
	c, ok := s.conn.(warehouse.Sealer)
	if !ok {
		s.Skip("this engine cannot look at SQL without running it")
	}
	for _, sql := range refused {
		var e *warehouse.Error
		if err := c.Seal(s.ctx, sql); !errors.As(err, &e) || e.Line == 0 || e.Col == 0 {
			s.Errorf("%q: %v, want a *warehouse.Error with its place", sql, err)
		}
	}
	t := s.d.Table(s.table(rows.Column{Name: "i", Type: rows.Int}))
	for _, sql := range []string{"SELECT 1 AS a", "SELECT * FROM " + t, "WITH a AS (SELECT i FROM " + t + ") SELECT COUNT(*) AS n FROM a WHERE i IN (SELECT i FROM " + t + ")", "SELECT 'read; drop table x' AS a -- ;"} {
		if err := c.Seal(s.ctx, sql); err != nil {
			s.Errorf("%q: %v", sql, err)
		}
		if _, err := s.read(warehouse.Stmt{SQL: sql, Sealed: true}); err != nil {
			s.Errorf("sealed %q: %v", sql, err)
		}
	}
	if _, err := s.conn.Exec(s.ctx, warehouse.Stmt{SQL: "DELETE FROM " + t, Sealed: true}); err == nil {
		s.Error("a sealed statement deleted")
	}
	if err := c.Seal(s.ctx, "SELECT 1 AS a,\n  2 AS"); err == nil || !strings.HasPrefix(fmt.Sprint(lineOf(err)), "2") {
		s.Errorf("%v at line %d, want line 2", err, lineOf(err))
	}
}

func lineOf(err error) int {
	var e *warehouse.Error
	if errors.As(err, &e) {
		return e.Line
	}
	return 0
}
