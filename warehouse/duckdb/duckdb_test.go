package duckdb

import (
	"context"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	c, err := Open(ctx, ":memory:", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := c.Query(ctx, warehouse.Stmt{SQL: "select i::bigint as i, case when i%3=0 then null else 'text number ' || i end as t, [i::varchar, 'x'] as l, (i/7)::decimal(38,9) as d, i%2=0 as b, " + Dialect.Cast("timestamp '2026-07-01 12:00:00'", warehouse.NativeColumn{Native: "TIMESTAMP"}, rows.Timestamp, "Europe/London") + " as ts, date '1960-01-01' as dd from range(20000) t(i) order by i"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			var out []byte
			for c := range b.Columns() {
				out = append(b.At(c).AppendJSON(out, 100), ' ')
			}
			t.Log(string(out))
		}
		n += b.Len()
		b.Release()
	}
	t.Log(n)
	if _, err := c.Exec(ctx, warehouse.Stmt{SQL: "create table t(a bigint, b varchar, c varchar[])"}); err != nil {
		t.Fatal(err)
	}
	bl := rows.NewBuilder([]rows.Column{{Name: "b", Type: rows.Text}, {Name: "c", Type: rows.TextList}})
	bl.Text(0, "hello")
	bl.List(1, []string{"p", "q"})
	bl.Null(0)
	bl.Null(1)
	if err := c.Append(ctx, warehouse.Table{Name: "t"}, bl.Build()); err != nil {
		t.Fatal(err)
	}
	cols, err := c.Describe(ctx, warehouse.Stmt{SQL: "select * from t"})
	t.Log(cols, err)
	_, err = c.Exec(ctx, warehouse.Stmt{SQL: "select *\nfrom nosuch"})
	t.Logf("%v %+v", err, err)
}
