package duckdb

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// TestDiskFull fills a small disk: the error says so, and what was written
// before is still there.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small disk needs the right to mount one: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	path := filepath.Join(dir, "full.duckdb")
	c, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE t AS SELECT 7::BIGINT AS i, md5('7') AS x"}); err != nil {
		t.Fatal(err)
	}
	b := rows.NewBuilder([]rows.Column{{Name: "i", Type: rows.Int}, {Name: "x", Type: rows.Text}})
	for i := range 2000 {
		b.Int(0, int64(i))
		b.Text(1, string(make([]byte, 2000)))
	}
	batch := b.Build()
	defer batch.Release()
	for range 20 {
		if err = c.Append(t.Context(), warehouse.Table{Name: "t"}, batch); err != nil {
			break
		}
	}
	if !errors.Is(err, warehouse.ErrDiskFull) {
		t.Errorf("append: %v, want ErrDiskFull", err)
	}
	_, err = c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE u AS SELECT md5(i::VARCHAR) AS x, i FROM range(2000000) r(i)"})
	if err == nil {
		t.Error("a table larger than the disk was made")
	}
	t.Log(err)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
