package postgres

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

// one is a result of one batch, made in Go.
type one struct {
	cols []rows.Column
	make func() *rows.Batch
}

func (o one) Columns() []rows.Column { return o.cols }

func (o one) Batches() iter.Seq2[*rows.Batch, error] {
	return func(yield func(*rows.Batch, error) bool) { yield(o.make(), nil) }
}

// column is values of one type, each put into a builder.
type column struct {
	t    rows.Type
	n    int
	fill func(b *rows.Builder, i int)
}

// awkward are values of every type that have been trouble somewhere, and some
// by chance from a fixed seed.
func awkward() []column {
	chance := rand.New(rand.NewPCG(7, 7))
	texts := []string{"", " ", "plain", "it's", `"q"`, `\`, `\\`, `\u000b`, `\\u000b`, "a\nb\r\tc", "\b\f", "café 日本 😀\u2028\u00a0", "<&>/", "\x7f", "\U000e0001"}
	for c := byte(1); c < 32; c++ {
		texts = append(texts, "x"+string(rune(c))+"y", strings.Repeat(string(rune(c)), 3)+`\`+string(rune(c)))
	}
	doubles := []float64{0, math.Copysign(0, -1), 1, -1, 100, 0.1, 1.5, 1e5, 1e14, 1e15, 1e16, 123456789012345680, 1e17, 1e20, 1e21, -1e21, 1.5e21, 1e22, 1e-4, 1e-5, 1.5e-5, 1e-6, 9.9e-7, 1e-7, 1.25e-10, 1e-100, 1e100, 1e300, 5e-324, math.MaxFloat64, 999999999999999.9, 9999999999999998, 123456.789, 0.000012345}
	decimals := []string{"0", "-0.000000001", "12.50", "100", "1000000.000000001", "99999999999999999999999999999.999999999", "-99999999999999999999999999999.999999999", "10000", "0.0001", "0.00001", "10000.0001"}
	for range 3000 {
		doubles = append(doubles, math.Float64frombits(chance.Uint64()), chance.Float64()*math.Pow10(chance.IntN(40)-15), float64(chance.Int64N(1<<54)))
		decimals = append(decimals, fmt.Sprintf("%d.%09d", chance.Int64N(1<<chance.IntN(63)), chance.IntN(1_000_000_000)))
	}
	day := func(i int) time.Time { return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*7919) }
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	return []column{
		{rows.Text, len(texts), func(b *rows.Builder, i int) { b.Text(0, texts[i]) }},
		{rows.TextList, len(texts), func(b *rows.Builder, i int) { b.List(0, texts[:i]) }},
		{rows.Double, len(doubles), func(b *rows.Builder, i int) {
			if v := doubles[i]; math.IsNaN(v) || math.IsInf(v, 0) {
				b.Null(0)
			} else {
				b.Double(0, v)
			}
		}},
		{rows.Decimal, len(decimals), func(b *rows.Builder, i int) {
			if err := b.Decimal(0, decimals[i]); err != nil {
				panic(err)
			}
		}},
		{rows.Int, 64, func(b *rows.Builder, i int) { b.Int(0, -1<<i) }},
		{rows.Bool, 2, func(b *rows.Builder, i int) { b.Bool(0, i == 0) }},
		{rows.Date, 400, func(b *rows.Builder, i int) { b.Date(0, day(i)) }},
		{rows.Timestamp, 400, func(b *rows.Builder, i int) {
			b.Time(0, [2]time.Time{day(i).Add(time.Duration(i) * 1_234_567 * time.Microsecond), last}[i/399])
		}},
		{rows.JSON, 3, func(b *rows.Builder, i int) { b.Text(0, [...]string{`{"a":[1,"x y",null]}`, `"é"`, `[]`}[i]) }},
	}
}

// TestSameAsDuckDB: text and JSON text of every value are the same, byte for
// byte, on both engines.
func TestSameAsDuckDB(t *testing.T) {
	pg := fresh(t)
	duck, err := duckdb.Open(t.Context(), ":memory:", duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = duck.Close() }()
	for n, col := range awkward() {
		t.Run(col.t.String(), func(t *testing.T) {
			in, out := said(t, duck, col, n), said(t, pg, col, n)
			bad := 0
			for i := range in {
				if in[i] == out[i] || oneDigitMore(in[i], out[i]) {
					continue
				}
				t.Errorf("value %d is %s here and %s on DuckDB", i, out[i], in[i])
				if bad++; bad == 5 {
					return
				}
			}
		})
	}
}

// oneDigitMore: where the shortest number lies just between two doubles, the
// server prints a digit more, so that no reader has to know how to round it.
// That is so only beyond 2⁵³, and either text reads back as the same double.
func oneDigitMore(duck, pg string) bool {
	d, p := strings.Fields(duck), strings.Fields(pg)
	for i := range d {
		a, err := strconv.ParseFloat(d[i], 64)
		b, err2 := strconv.ParseFloat(p[i], 64)
		if err != nil || err2 != nil || a != b || math.Abs(a) < 1<<53 {
			return false
		}
	}
	return true
}

// said loads a column into an engine and gives each value's text and JSON text.
func said(t *testing.T, c warehouse.Conn, col column, n int) []string {
	t.Helper()
	d, table := c.Dialect(), warehouse.Table{Name: fmt.Sprintf("same_%d", n)}
	cols := []rows.Column{{Name: "v", Type: col.t}, {Name: "i", Type: rows.Int}}
	err := c.Load(t.Context(), table, one{cols, func() *rows.Batch {
		b := rows.NewBuilder(cols)
		for i := range col.n {
			col.fill(b, i)
			b.Int(1, int64(i))
		}
		return b.Build()
	}})
	if err != nil {
		t.Fatal(err)
	}
	return texts(t, c, "SELECT "+d.Text("v", col.t)+" AS t, "+d.JSONValue("v", col.t)+" AS j FROM "+d.Table(table)+" ORDER BY i")
}

// texts are the rows of a query, their values apart by blanks.
func texts(t testing.TB, c warehouse.Conn, sql string) []string {
	t.Helper()
	r, err := c.Query(t.Context(), warehouse.Stmt{SQL: sql})
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	var out []string
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		for i := range b.Len() {
			var row []string
			for j := range r.Columns() {
				if b.At(j).Null(i) {
					row = append(row, "∅")
				} else {
					row = append(row, string(b.At(j).AppendText(nil, i)))
				}
			}
			out = append(out, strings.Join(row, " "))
		}
		b.Release()
	}
	return out
}
