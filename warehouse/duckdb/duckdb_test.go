package duckdb

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/warehousetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a database for the length of a test.
func open(t testing.TB, path string) *Conn {
	t.Helper()
	c, err := Open(t.Context(), path, Options{})
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

func TestInMemory(t *testing.T) {
	warehousetest.Exercise(t, func(t *testing.T) warehouse.Conn { return open(t, ":memory:") })
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "suite.duckdb")
	warehousetest.Exercise(t, func(t *testing.T) warehouse.Conn { return open(t, path) })
}
