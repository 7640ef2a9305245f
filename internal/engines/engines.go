// Package engines gives tests an empty warehouse of every kind that runs here.
package engines

import (
	"context"
	"testing"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
	"github.com/weir-data/weir/warehouse/postgres"
)

// Open opens an empty warehouse; whoever opens it closes it.
type Open func(t *testing.T) (warehouse.Conn, error)

// Each runs a test on every engine, as a subtest with the engine's name. One
// that is not installed is skipped with the reason.
func Each(t *testing.T, test func(t *testing.T, open Open)) {
	t.Helper()
	t.Run("duckdb", func(t *testing.T) {
		test(t, func(*testing.T) (warehouse.Conn, error) {
			return duckdb.Open(context.Background(), ":memory:", duckdb.Options{})
		})
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, func(t *testing.T) (warehouse.Conn, error) {
			s := pgserver.Need(t)
			return postgres.Open(context.Background(), s.URL(s.Database(t), s.User))
		})
	})
}
