package duckdb

import (
	"context"
	"path/filepath"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/warehouse"
)

// Spec is DuckDB as a warehouse.
var Spec = warehouse.Spec{
	Type: "duckdb",
	Doc:  "DuckDB, embedded: a file that one process owns at a time, or memory.",
	Fields: []config.Field{
		{Name: "path", Kind: config.String, Required: true, Vars: true, Example: "acme.duckdb", Doc: "The database file, relative to the project's folder; made where it is not there. `:memory:` forgets everything at the end."},
		{Name: "threads", Kind: config.Int, Doc: "How many threads DuckDB may use; its own default is one a core."},
		{Name: "memory_limit", Kind: config.String, Example: "4GB", Doc: "How much memory DuckDB may use; its own default is 80 % of the machine's."},
	},
	Dialect: Dialect,
	Open: func(ctx context.Context, s *config.Section, dir string) (warehouse.Conn, error) {
		path := s.Text("path")
		if path != ":memory:" && !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return Open(ctx, path, Options{Threads: int(s.Int("threads")), MemoryLimit: s.Text("memory_limit")})
	},
}
