// Package retail holds the example project to a second opinion: the same
// numbers, worked out in Go from the raw lines.
package retail

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

// line is one row of the data.
type line struct {
	invoice, country, customer string
	quantity, price            int64 // the price in thousandths of a pound
	at                         time.Time
}

// data opens the year's lines, or skips the test where they are not at hand.
func data(t *testing.T) string {
	t.Helper()
	path := os.Getenv("RETAIL_LINES")
	if path == "" {
		dir := os.Getenv("WEIR_SHARED")
		if dir == "" {
			dir = filepath.Join("..", "..", "..", "shared")
		}
		path = filepath.Join(dir, "data", "online_retail.csv.gz")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("the Online Retail data is not here: set RETAIL_LINES to online_retail.csv.gz")
	}
	return path
}

// read gives the lines up to a moment, and writes those as CSV where a path is given.
func read(t *testing.T, path string, until time.Time, copyTo string) []line {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(z)
	var part bytes.Buffer
	out := csv.NewWriter(&part)
	var lines []line
	for n := 0; ; n++ {
		r, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			l := parse(t, r)
			if !l.at.Before(until) {
				continue
			}
			lines = append(lines, l)
		}
		if err := out.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	out.Flush()
	if copyTo != "" {
		if err := os.WriteFile(copyTo, part.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

func parse(t *testing.T, r []string) line {
	t.Helper()
	quantity, err := strconv.ParseInt(r[3], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateTime, r[4])
	if err != nil {
		t.Fatal(err)
	}
	return line{invoice: r[0], quantity: quantity, at: at, price: thousandths(t, r[5]),
		customer: strings.TrimSuffix(r[6], ".0"), country: r[7]}
}

// thousandths is a decimal number without rounding.
func thousandths(t *testing.T, text string) int64 {
	t.Helper()
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(part + "000")[:3], 10, 64)
	if err != nil || len(part) > 3 {
		t.Fatalf("price %q: %v", text, err)
	}
	return n
}

// decimal is thousandths as Weir writes a decimal: without trailing zeros.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%03d", n/1000, n%1000), "0"), ".")
}

// shoppers works out what each shopper's row must be, as "a|b|c".
func shoppers(lines []line) map[string]string {
	type shopper struct {
		country         string
		orders, returns map[string]bool
		spent           int64
		last            time.Time
	}
	byID := map[string]*shopper{}
	for _, l := range lines {
		if l.customer == "" {
			continue
		}
		s := byID[l.customer]
		if s == nil {
			s = &shopper{country: l.country, orders: map[string]bool{}, returns: map[string]bool{}}
			byID[l.customer] = s
		}
		s.country = min(s.country, l.country)
		if strings.HasPrefix(l.invoice, "C") {
			s.returns[l.invoice] = true
		} else {
			s.orders[l.invoice] = true
		}
		s.spent += l.quantity * l.price
		if l.at.After(s.last) {
			s.last = l.at
		}
	}
	out := map[string]string{}
	for id, s := range byID {
		out[id] = fmt.Sprintf("%s|%d|%d|%s|%s", s.country, len(s.orders), len(s.returns), decimal(s.spent), s.last.Format("2006-01-02T15:04:05"))
	}
	return out
}

// sales works out what each sale's row must be. The lines' times are London's.
func sales(t *testing.T, lines []line) map[string]string {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	type sale struct {
		customer string
		at       time.Time
		lines    int
		amount   int64
	}
	byID := map[string]*sale{}
	for _, l := range lines {
		if strings.HasPrefix(l.invoice, "C") {
			continue
		}
		s := byID[l.invoice]
		if s == nil {
			s = &sale{customer: l.customer, at: l.at}
			byID[l.invoice] = s
		}
		if l.at.Before(s.at) {
			s.at = l.at
		}
		s.lines++
		s.amount += l.quantity * l.price
	}
	out := map[string]string{}
	for id, s := range byID {
		if s.amount > 0 {
			local := time.Date(s.at.Year(), s.at.Month(), s.at.Day(), s.at.Hour(), s.at.Minute(), s.at.Second(), 0, london)
			out[id] = fmt.Sprintf("%s|%s|%d|%s", s.customer, decimal(s.amount), s.lines, local.UTC().Format("2006-01-02T15:04:05"))
		}
	}
	return out
}

// project parses this folder against a file of lines.
func project(t *testing.T, lines string) *models.Project {
	t.Helper()
	files, findings := config.Load(".")
	vars := map[string]string{"RETAIL_LINES": lines, "RETAIL_DB": ":memory:"}
	p, more := models.Parse(files, models.Options{Specs: all.Specs, Warehouses: []warehouse.Spec{duckdb.Spec},
		Lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }})
	for _, f := range append(findings, more...) {
		t.Errorf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Message)
	}
	if t.Failed() {
		t.FailNow()
	}
	return p
}

// TestProjectIsClean needs no data.
func TestProjectIsClean(t *testing.T) {
	p := project(t, "lines.csv")
	if len(p.Syncs) != 2 || len(p.Sources) != 3 || len(p.Destinations) != 2 {
		t.Errorf("%d syncs, %d sources, %d destinations", len(p.Syncs), len(p.Sources), len(p.Destinations))
	}
}

// wanted runs the compiled query of a sync and gives its rows by key, columns
// joined by "|".
func wanted(t *testing.T, conn warehouse.Conn, p *models.Project, name string) map[string]string {
	t.Helper()
	found, err := models.Select(p, name)
	if err != nil {
		t.Fatal(err)
	}
	q, findings := models.Compile(p, found[0], schema(t, conn, p, found[0].From), conn.Dialect())
	none(t, findings)
	w := warehouse.NewWriter(conn.Dialect())
	w.With(q.Steps)
	cols := []string{"key"}
	for _, f := range q.Fields {
		cols = append(cols, f.Expr)
	}
	if q.At != "" {
		cols = append(cols, q.At)
	}
	w.Line("SELECT ", strings.Join(cols, ", ")).Line("FROM ", q.Relation)
	return query(t, conn, w.String())
}

func schema(t *testing.T, conn warehouse.Conn, p *models.Project, src *models.Source) models.Schema {
	t.Helper()
	sql, findings := models.SourceSQL(p, src, conn.Dialect())
	none(t, findings)
	cols, err := conn.(warehouse.Describer).Describe(t.Context(), warehouse.Stmt{SQL: sql})
	if err != nil {
		t.Fatal(err)
	}
	var have []models.SchemaColumn
	for _, c := range cols {
		have = append(have, models.SchemaColumn{Name: c.Name, Native: c.Native, Type: c.Type.String()})
	}
	none(t, models.CheckContract(src, have))
	return models.Schema{src.Name: have}
}

func none(t *testing.T, findings []diag.Finding) {
	t.Helper()
	for _, f := range findings {
		t.Fatalf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Message)
	}
}

func query(t *testing.T, conn warehouse.Conn, sql string) map[string]string {
	t.Helper()
	r, err := conn.Query(t.Context(), warehouse.Stmt{SQL: sql, Label: "example=retail"})
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	out := map[string]string{}
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Len() {
			var row []byte
			for c := range len(b.Columns()) {
				if c > 1 {
					row = append(row, '|')
				}
				if c > 0 && !b.At(c).Null(i) {
					row = b.At(c).AppendText(row, i)
				}
			}
			out[string(b.At(0).AppendText(nil, i))] = string(row)
		}
		b.Release()
	}
	return out
}

// equal compares two worlds and shows the first few rows that differ.
func equal(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	wrong := 0
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if !sameRow(got[id], want[id]) {
			if wrong++; wrong <= 5 {
				t.Errorf("%s %s: the warehouse says %q, the lines %q", what, id, got[id], want[id])
			}
		}
	}
	if len(got) != len(want) || wrong > 0 {
		t.Errorf("%s: %d rows, want %d; %d differ", what, len(got), len(want), wrong)
	}
}

// sameRow compares rows up to how a moment's end is spelt: its last column is one.
func sameRow(got, want string) bool {
	return strings.TrimSuffix(strings.TrimSuffix(got, "Z"), ".000000") == want
}

// TestYear holds both syncs to the lines of the whole year, and of its first
// nine months.
func TestYear(t *testing.T) {
	path := data(t)
	for _, until := range []time.Time{time.Date(2011, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)} {
		t.Run(until.Format(time.DateOnly), func(t *testing.T) {
			part := filepath.Join(t.TempDir(), "lines.csv")
			lines := read(t, path, until, part)
			conn, err := duckdb.Open(context.Background(), ":memory:", duckdb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			p := project(t, part)
			equal(t, "shopper", wanted(t, conn, p, "shoppers_to_crm"), shoppers(lines))
			equal(t, "sale", wanted(t, conn, p, "sales_to_analytics"), sales(t, lines))
		})
	}
}
