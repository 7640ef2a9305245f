package duckdb

import (
	"fmt"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

const benchRows = 1_000_000

// tenColumns is a million rows of ten columns, about 150 bytes each.
const tenColumns = `SELECT i AS id, 'customer number ' || i AS name, 'user' || i || '@shop.example' AS email, CASE WHEN i % 7 = 0 THEN NULL ELSE '+44 20 7946 ' || i END AS phone,
	i % 3 = 0 AS active, (i / 7.0)::DOUBLE AS score, (i % 100000)::DECIMAL(38,9) AS amount, DATE '2020-01-01' + (i % 2000)::INTEGER AS day,
	TIMESTAMP '2026-01-01' + to_seconds(i) AS at, CASE WHEN i % 2 = 0 THEN 'gold' END AS tier FROM range(1000000) t(i)`

func BenchmarkQuery(b *testing.B) {
	c := open(b, ":memory:")
	if _, err := c.Exec(b.Context(), warehouse.Stmt{SQL: "CREATE TABLE t AS " + tenColumns}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := c.Query(b.Context(), warehouse.Stmt{SQL: "SELECT * FROM t"})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for batch, err := range r.Batches() {
			if err != nil {
				b.Fatal(err)
			}
			n += batch.Len()
			batch.Release()
		}
		if n != benchRows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

// BenchmarkAppend appends a million acknowledgements in batches as a committer would.
func BenchmarkAppend(b *testing.B) {
	cols := []rows.Column{{Name: "key", Type: rows.Int}, {Name: "outcome", Type: rows.Text}, {Name: "remote_id", Type: rows.Text}, {Name: "code", Type: rows.Text}, {Name: "at", Type: rows.Timestamp}}
	for _, size := range []int{1, 1000, 20_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := open(b, b.TempDir()+"/append.duckdb")
			if _, err := c.Exec(b.Context(), warehouse.Stmt{SQL: "CREATE TABLE t (key BIGINT, outcome VARCHAR, remote_id VARCHAR, code VARCHAR, fields JSON, \"at\" TIMESTAMP)"}); err != nil {
				b.Fatal(err)
			}
			build := rows.NewBuilder(cols)
			for i := range size {
				build.Int(0, int64(i))
				build.Text(1, "accepted")
				build.Text(2, fmt.Sprintf("remote-identifier-%d", i))
				build.Null(3)
				build.Time(4, time.UnixMicro(int64(i+1)))
			}
			batch := build.Build()
			defer batch.Release()
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Append(b.Context(), warehouse.Table{Name: "t"}, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/row")
		})
	}
}
