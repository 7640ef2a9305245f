package expr

import (
	"context"
	"testing"

	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

// OpenEmpty opens an empty DuckDB for the length of a test.
func OpenEmpty(t *testing.T) *duckdb.Conn {
	t.Helper()
	c, err := duckdb.Open(t.Context(), ":memory:", duckdb.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Ask runs a query of one text and gives its last row; NULL as "NULL".
func Ask(ctx context.Context, c warehouse.Conn, sql string) (string, error) {
	r, err := c.Query(ctx, warehouse.Stmt{SQL: sql})
	if err != nil {
		return "", err
	}
	out := "no row"
	for b, err := range r.Batches() {
		if err != nil {
			return "", err
		}
		for i := range b.Len() {
			if out = "NULL"; !b.At(0).Null(i) {
				out = b.At(0).Text(i)
			}
		}
	}
	return out, nil
}
