package warehousetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func writeTopic(s *suite) {
	s.run("rows changed", func(s *suite) {
		t := s.d.Table(s.table(rows.Column{Name: "i", Type: rows.Int}, rows.Column{Name: "x", Type: rows.Text}))
		for _, step := range []struct {
			sql  string
			want int64
		}{
			{"INSERT INTO " + t + " VALUES (1, 'a'), (2, 'b'), (3, 'c')", 3},
			{"UPDATE " + t + " SET x = 'd' WHERE i > 1", 2},
			{"UPDATE " + t + " SET x = 'd' WHERE i > 10", 0},
			{"DELETE FROM " + t + " WHERE i = 1", 1},
		} {
			if got := s.exec(step.sql); got != step.want {
				s.Errorf("%d rows, want %d: %s", got, step.want, step.sql)
			}
		}
	})
	s.run("append one row", func(s *suite) { s.appended(1) })
	s.run("append 20,000 rows", func(s *suite) { s.appended(20_000) })
	s.run("append no rows", func(s *suite) { s.appended(0) })
	s.run("columns by name", columnsByName)
	s.run("append again", func(s *suite) {
		t := s.table(everyType...)
		for range 3 {
			s.append(t, made{cols: everyType, rows: 10, fill: fillEvery})
		}
		if got := s.query("SELECT COUNT(*) AS n FROM " + s.d.Table(t)); got[0][0] != "30" {
			s.Error(got)
		}
	})
	s.run("a column that is not there", func(s *suite) {
		t := s.table(rows.Column{Name: "i", Type: rows.Int})
		b := made{cols: []rows.Column{{Name: "i", Type: rows.Int}, {Name: "nosuch", Type: rows.Int}}, rows: 1, fill: func(b *rows.Builder, i int) { b.Int(0, 1); b.Int(1, 1) }}.batch()
		defer b.Release()
		if err := s.conn.Append(s.ctx, t, b); err == nil || !strings.Contains(err.Error(), "nosuch") {
			s.Errorf("%v, want an error that names the column", err)
		}
		if got := s.query("SELECT COUNT(*) AS n FROM " + s.d.Table(t)); got[0][0] != "0" {
			s.Errorf("%s rows were written", got[0][0])
		}
	})
	s.run("a cancelled context", func(s *suite) {
		t := s.table(everyType...)
		b := made{cols: everyType, rows: 5, fill: fillEvery}.batch()
		defer b.Release()
		ctx, cancel := context.WithCancelCause(s.ctx)
		cancel(errEnough)
		if err := s.conn.Append(ctx, t, b); !errors.Is(err, errEnough) {
			s.Errorf("%v, want the context's cause", err)
		}
	})
	s.run("text that is not UTF-8", func(s *suite) {
		t := s.table(rows.Column{Name: "x", Type: rows.Text})
		b := made{cols: []rows.Column{{Name: "x", Type: rows.Text}}, rows: 1, fill: func(b *rows.Builder, i int) { b.Text(0, "a\xffb") }}.batch()
		defer b.Release()
		if err := s.conn.Append(s.ctx, t, b); err != nil {
			return // refused: nothing is lost
		}
		if got := s.query("SELECT x FROM " + s.d.Table(t)); len(got) != 1 || got[0][0] != "a\uFFFDb" {
			s.Errorf("%q", got)
		}
	})
}

func (s *suite) append(t warehouse.Table, m made) {
	s.Helper()
	b := m.batch()
	defer b.Release()
	if err := s.conn.Append(s.ctx, t, b); err != nil {
		s.Fatal(err)
	}
}

// appended appends n rows of every type and reads them back.
func (s *suite) appended(n int) {
	s.Helper()
	t := s.table(everyType...)
	s.append(t, made{cols: everyType, rows: n, fill: fillEvery})
	s.holds(t, n)
}

// holds compares a table with the made rows below n.
func (s *suite) holds(t warehouse.Table, n int) {
	s.Helper()
	got := s.query("SELECT * FROM " + s.d.Table(t) + " ORDER BY i")
	if len(got) != n {
		s.Fatalf("%d rows, want %d", len(got), n)
	}
	bad := 0
	for i, row := range got {
		if w := want(i); !slices.Equal(row, w) {
			s.Errorf("row %d is\n%q, want\n%q", i, row, w)
			if bad++; bad == 3 {
				return
			}
		}
	}
}

// columnsByName: a batch may have another order, and lack columns, which are NULL.
func columnsByName(s *suite) {
	t := s.table(everyType...)
	cols := []rows.Column{{Name: "a_list", Type: rows.TextList}, {Name: "i", Type: rows.Int}, {Name: "a_text", Type: rows.Text}}
	s.append(t, made{cols: cols, rows: 2, fill: func(b *rows.Builder, i int) {
		b.List(0, []string{"x", fmt.Sprint(i)})
		b.Int(1, int64(i))
		b.Text(2, "t")
	}})
	got := s.query("SELECT i, a_text, a_list, a_double, a_json, a_timestamp FROM " + s.d.Table(t) + " ORDER BY i")
	if want := `[[0 t ["x","0"] ∅ ∅ ∅] [1 t ["x","1"] ∅ ∅ ∅]]`; fmt.Sprint(got) != want {
		s.Errorf("%v, want %s", got, want)
	}
}

func loadTopic(s *suite) {
	s.run("all types", func(s *suite) {
		t := s.name()
		if err := s.conn.Load(s.ctx, t, made{cols: everyType, rows: 30_000, fill: fillEvery}); err != nil {
			s.Fatal(err)
		}
		s.dropAfter(t)
		s.holds(t, 30_000)
	})
	s.run("no rows", func(s *suite) {
		t := s.name()
		if err := s.conn.Load(s.ctx, t, made{cols: everyType}); err != nil {
			s.Fatal(err)
		}
		s.dropAfter(t)
		s.holds(t, 0)
	})
	s.run("out of a query", func(s *suite) {
		from, into := s.numbers(25_000), s.name()
		if err := s.conn.Load(s.ctx, into, s.begin(from)); err != nil {
			s.Fatal(err)
		}
		s.dropAfter(into)
		if got := s.query("SELECT COUNT(*) AS n, COUNT(DISTINCT i) AS m FROM " + s.d.Table(into)); fmt.Sprint(got) != "[[25000 25000]]" {
			s.Error(got)
		}
	})
	s.run("a table that is there", func(s *suite) {
		t := s.table(rows.Column{Name: "i", Type: rows.Int})
		if err := s.conn.Load(s.ctx, t, made{cols: everyType, rows: 1, fill: fillEvery}); err == nil {
			s.Error("a table that is there was loaded into, or replaced")
		}
	})
	s.run("rows that end in an error", func(s *suite) {
		t := s.name()
		if err := s.conn.Load(s.ctx, t, made{cols: everyType, rows: 10_000, fill: fillEvery, fail: errEnough}); !errors.Is(err, errEnough) {
			s.Fatalf("%v, want the reader's error", err)
		}
		if _, err := s.tryQuery("SELECT * FROM " + s.d.Table(t)); !errors.Is(err, warehouse.ErrNoTable) {
			s.Errorf("%v, want no table", err)
		}
	})
}
