package run_test

import (
	"context"
	"testing"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
	"github.com/weir-data/weir/warehouse/postgres"
)

// engine opens an empty warehouse for the length of a test.
type engine func(t *testing.T) (warehouse.Conn, error)

// onEngines runs a test on every engine that is here.
func onEngines(t *testing.T, test func(t *testing.T, open engine)) {
	for _, e := range []struct {
		name string
		open engine
	}{
		{"duckdb", func(*testing.T) (warehouse.Conn, error) {
			return duckdb.Open(context.Background(), ":memory:", duckdb.Options{})
		}},
		{"postgres", func(t *testing.T) (warehouse.Conn, error) {
			s := pgserver.Need(t)
			return postgres.Open(context.Background(), s.URL(s.Database(t), s.User))
		}},
	} {
		t.Run(e.name, func(t *testing.T) { test(t, e.open) })
	}
}
