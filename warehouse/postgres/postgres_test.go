package postgres

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/warehousetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connect opens a database for the length of a test.
func connect(t testing.TB, url string) *Conn {
	t.Helper()
	c, err := Open(t.Context(), url)
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

// fresh opens an empty database.
func fresh(t testing.TB) *Conn {
	t.Helper()
	s := pgserver.Need(t)
	return connect(t, s.URL(s.Database(t), s.User))
}

func TestSuite(t *testing.T) {
	s := pgserver.Need(t)
	url := s.URL(s.Database(t), s.User)
	warehousetest.Exercise(t, func(t *testing.T) warehouse.Conn { return connect(t, url) })
}
