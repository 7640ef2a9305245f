// Package warehousetest is what every warehouse must do, as one suite: a
// driver passes it by one line in a test of its own. What an engine cannot do
// it does not implement (see warehouse's optional powers), and is not asked.
package warehousetest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Exercise runs the suite. open gives a connection of its own to a database
// that may be shared, and closes it at the end of the test.
func Exercise(t *testing.T, open func(t *testing.T) warehouse.Conn) {
	for _, topic := range []struct {
		name string
		run  func(*suite)
	}{
		{"dialect", dialectTopic}, {"casts", castTopic}, {"json", jsonTopic}, {"hash", hashTopic},
		{"query", queryTopic}, {"write", writeTopic}, {"load", loadTopic}, {"errors", errorTopic},
		{"describe", describeTopic}, {"atomic", atomicTopic}, {"seal", sealTopic}, {"compiled", compiledTopic},
	} {
		t.Run(topic.name, func(t *testing.T) {
			c := open(t)
			topic.run(&suite{T: t, ctx: t.Context(), conn: c, d: c.Dialect(), open: open})
		})
	}
}

// suite is one topic's test: a connection and a way to make tables.
type suite struct {
	*testing.T
	ctx  context.Context
	conn warehouse.Conn
	d    *warehouse.Dialect
	open func(t *testing.T) warehouse.Conn
}

// run is a test within the topic.
func (s *suite) run(name string, f func(*suite)) {
	s.Run(name, func(t *testing.T) {
		f(&suite{T: t, ctx: t.Context(), conn: s.conn, d: s.d, open: s.open})
	})
}

// schema is where the suite makes its tables.
const schema = "weir_suite"

var tables atomic.Int64

// name is a table that does not exist yet.
func (s *suite) name() warehouse.Table {
	s.Helper()
	s.exec("CREATE SCHEMA IF NOT EXISTS " + s.d.Ident(schema))
	return warehouse.Table{Schema: schema, Name: fmt.Sprintf("t%d", tables.Add(1))}
}

// table makes an empty table; it is dropped at the end of the test.
func (s *suite) table(cols ...rows.Column) warehouse.Table {
	s.Helper()
	t := s.name()
	defs := make([]string, len(cols))
	for i, c := range cols {
		defs[i] = s.d.Quote(c.Name) + " " + s.d.TypeNames[c.Type]
	}
	s.exec("CREATE TABLE " + s.d.Table(t) + " (" + strings.Join(defs, ", ") + ")")
	s.dropAfter(t)
	return t
}

// dropAfter drops a table at the end of the test.
func (s *suite) dropAfter(t warehouse.Table) {
	s.Cleanup(func() {
		if _, err := s.conn.Exec(context.Background(), warehouse.Stmt{SQL: "DROP TABLE " + s.d.Table(t)}); err != nil {
			s.Errorf("drop %s: %v", t, err)
		}
	})
}

func (s *suite) exec(sql string) int64 {
	s.Helper()
	n, err := s.conn.Exec(s.ctx, warehouse.Stmt{SQL: sql, Label: "suite"})
	if err != nil {
		s.Fatalf("%v\n%s", err, sql)
	}
	return n
}

// null stands for NULL among texts.
const null = "∅"

// text is a value as canonical text.
func text(f *rows.Field, i int) string {
	if f.Null(i) {
		return null
	}
	return string(f.AppendText(nil, i))
}

// query gives all rows as canonical texts.
func (s *suite) query(sql string) [][]string {
	s.Helper()
	out, err := s.tryQuery(sql)
	if err != nil {
		s.Fatalf("%v\n%s", err, sql)
	}
	return out
}

func (s *suite) tryQuery(sql string) ([][]string, error) {
	return s.read(warehouse.Stmt{SQL: sql, Label: "suite"})
}

// read runs a query to its end: one that is left open may hold its tables.
func (s *suite) read(q warehouse.Stmt) ([][]string, error) {
	r, err := s.conn.Query(s.ctx, q)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for b, err := range r.Batches() {
		if err != nil {
			return out, err
		}
		for i := range b.Len() {
			row := make([]string, len(b.Columns()))
			for c := range row {
				row[c] = text(b.At(c), i)
			}
			out = append(out, row)
		}
		b.Release()
	}
	return out, nil
}

// one is a query of one row.
func (s *suite) one(exprs ...string) []string {
	s.Helper()
	for i := range exprs {
		exprs[i] += fmt.Sprintf(" AS c%d", i)
	}
	got := s.query("SELECT " + strings.Join(exprs, ", "))
	if len(got) != 1 {
		s.Fatalf("%d rows, want one", len(got))
	}
	return got[0]
}

// value is an expression and the text it must give.
type value struct{ what, expr, want string }

// values compares expressions with what they must give, all in one query.
func (s *suite) values(vs []value) {
	s.Helper()
	exprs := make([]string, len(vs))
	for i, v := range vs {
		exprs[i] = v.expr
	}
	for i, got := range s.one(exprs...) {
		if got != vs[i].want {
			s.Errorf("%s: %s, want %s\n%s", vs[i].what, got, vs[i].want, vs[i].expr)
		}
	}
}

// truth is a condition as text: true, false or unknown, which is NULL.
func truth(cond string) string {
	return "CASE WHEN " + cond + " THEN 'true' WHEN NOT (" + cond + ") THEN 'false' END"
}
