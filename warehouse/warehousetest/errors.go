package warehousetest

import (
	"errors"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func errorTopic(s *suite) {
	s.run("no such table", noTable)
	s.run("the place", places)
	s.run("no values of rows", func(s *suite) {
		t := s.table(rows.Column{Name: "x", Type: rows.Text})
		s.exec("INSERT INTO " + s.d.Table(t) + " VALUES ('ann@private.example')")
		for _, sql := range []string{"SELECT CAST(x AS " + s.d.TypeNames[rows.Int] + ") AS i FROM " + s.d.Table(t), "SELECT CAST(x AS " + s.d.TypeNames[rows.Timestamp] + ") AS i FROM " + s.d.Table(t)} {
			_, err := s.tryQuery(sql)
			if err == nil || strings.Contains(err.Error(), "ann@") {
				s.Errorf("%v, want an error without the value", err)
			}
		}
	})
	s.run("two statements", func(s *suite) {
		if _, err := s.tryQuery("SELECT 1 AS x; SELECT 2 AS x"); err == nil {
			s.Error("two statements ran as one query")
		}
	})
	s.run("an error in the middle of the rows", func(s *suite) {
		t := s.numbers(50_000)
		got, err := s.tryQuery("SELECT CAST(CASE WHEN i = 49999 THEN 'x' ELSE '1' END AS " + s.d.TypeNames[rows.Int] + ") AS n FROM " + t)
		if err == nil || len(got) == 50_000 {
			s.Errorf("%d rows and error %v", len(got), err)
		}
	})
}

func noTable(s *suite) {
	gone := s.name()
	_, err := s.tryQuery("SELECT * FROM " + s.d.Table(gone))
	s.wantNoTable("query", gone, err)
	_, err = s.conn.Exec(s.ctx, warehouse.Stmt{SQL: "INSERT INTO " + s.d.Table(gone) + " VALUES (1)"})
	s.wantNoTable("exec", gone, err)
	b := made{cols: everyType, rows: 1, fill: fillEvery}.batch()
	defer b.Release()
	s.wantNoTable("append", gone, s.conn.Append(s.ctx, gone, b))
	if c, ok := s.conn.(warehouse.Describer); ok {
		_, err := c.Describe(s.ctx, warehouse.Stmt{SQL: "SELECT * FROM " + s.d.Table(gone)})
		s.wantNoTable("describe", gone, err)
	}
}

func (s *suite) wantNoTable(what string, t warehouse.Table, err error) {
	s.Helper()
	if !errors.Is(err, warehouse.ErrNoTable) || !strings.Contains(err.Error(), t.Name) {
		s.Errorf("%s: %v, want ErrNoTable and the table's name", what, err)
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		s.Errorf("%s: the error is not one sentence: %v", what, err)
	}
}

// places: what an engine says of the place is right, with a label and without,
// in long lines, behind characters of several bytes.
func places(s *suite) {
	t := s.d.Table(s.table(rows.Column{Name: "i", Type: rows.Int}))
	for _, c := range []struct {
		sql       string
		line, col int
	}{
		{"SELECT i, nosuch FROM " + t, 1, 11},
		{"SELECT i,\n  nosuch\nFROM " + t, 2, 3},
		{"SELECT 'é😀' AS x, nosuch FROM " + t, 1, 19},
		{"SELECT i\nFROM " + t + "\nWHERE " + strings.Repeat("i = 1 AND ", 40) + "nosuch = 2" + strings.Repeat(" AND i = 1", 40), 3, 6 + 400 + 1},
		{"SELECT i\nFROM " + t + "\nWHERE i ==== 3", 3, 9},
	} {
		for _, label := range []string{"", "run=r1 step=places"} {
			_, err := s.conn.Query(s.ctx, warehouse.Stmt{SQL: c.sql, Label: label})
			var e *warehouse.Error
			if !errors.As(err, &e) {
				s.Errorf("%v, want a *warehouse.Error\n%s", err, c.sql)
				continue
			}
			if e.Line != 0 && (e.Line != c.line || e.Col != 0 && e.Col != c.col) {
				s.Errorf("label %q: %d:%d, want %d:%d\n%s\n%s", label, e.Line, e.Col, c.line, c.col, e.Text, c.sql)
			}
		}
	}
}
