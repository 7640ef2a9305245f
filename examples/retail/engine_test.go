package retail

import (
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/postgres"
)

// onEngines runs a test over the lines as a file, and as a table in PostgreSQL.
func onEngines(t *testing.T, test func(t *testing.T, open func(t *testing.T, lines string) *project)) {
	t.Run("duckdb", func(t *testing.T) { test(t, open) })
	t.Run("postgres", func(t *testing.T) {
		pgserver.Need(t)
		test(t, openPostgres)
	})
}

// openPostgres makes a project whose lines are a table.
func openPostgres(t *testing.T, lines string) *project {
	t.Helper()
	s := pgserver.Need(t)
	p := open(t, lines)
	url := s.URL(s.Database(t), s.User)
	p.variables = append(p.variables, "RETAIL_PG="+url, "WEIR_TARGET=pg")
	path := filepath.Join(p.dir, "models", "retail.yml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := strings.Replace(string(text), `files: "${RETAIL_FILE:-data/online_retail.csv.gz}"`, "table: lines", 1)
	if table == string(text) {
		t.Fatal("the project does not read its file as it did")
	}
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	p.put = func(records [][]string) { load(t, url, records) }
	p.put(readRecords(t, lines))
	return p
}

// load replaces the table of lines.
func load(t *testing.T, url string, records [][]string) {
	t.Helper()
	c, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "DROP TABLE IF EXISTS lines"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Load(t.Context(), warehouse.Table{Name: "lines"}, table{t, records}); err != nil {
		t.Fatal(err)
	}
}

// table is the lines of the file as rows.
type table struct {
	t       *testing.T
	records [][]string
}

// Columns implements rows.Rows.
func (l table) Columns() []rows.Column {
	types := map[int]rows.Type{colQuantity: rows.Int, colDate: rows.Timestamp, colCustomer: rows.Double}
	out := make([]rows.Column, len(l.records[0]))
	for i, name := range l.records[0] {
		out[i] = rows.Column{Name: strings.ToLower(name), Type: rows.Text}
		if t := types[i]; t != 0 {
			out[i].Type = t
		}
	}
	return out
}

// Batches implements rows.Rows.
func (l table) Batches() iter.Seq2[*rows.Batch, error] {
	return func(yield func(*rows.Batch, error) bool) {
		cols := l.Columns()
		b := rows.NewBuilder(cols)
		for i, r := range l.records[1:] {
			for c, v := range r {
				l.add(b, c, cols[c].Type, v)
			}
			if (b.Len() == 8192 || i == len(l.records)-2) && !yield(b.Build(), nil) {
				return
			}
		}
	}
}

func (l table) add(b *rows.Builder, c int, t rows.Type, v string) {
	if v == "" {
		b.Null(c)
		return
	}
	var err error
	switch t {
	case rows.Int:
		var n int64
		n, err = strconv.ParseInt(v, 10, 64)
		b.Int(c, n)
	case rows.Double:
		var f float64
		f, err = strconv.ParseFloat(v, 64)
		b.Double(c, f)
	case rows.Timestamp:
		var at time.Time
		at, err = time.Parse(time.DateTime, v)
		b.Time(c, at)
	default:
		b.Text(c, v)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}
