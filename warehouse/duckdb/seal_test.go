package duckdb

import (
	"errors"
	"strings"
	"testing"

	"github.com/weir-data/weir/warehouse"
)

// TestSealFiles: no spelling of a file or of the network passes, wherever in
// the query it stands.
func TestSealFiles(t *testing.T) {
	c := open(t, ":memory:")
	for _, sql := range []string{
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM READ_TEXT('/etc/passwd')", "SELECT * FROM main.read_text('x')",
		"SELECT * FROM read_parquet('https://example.test/x.parquet')", "SELECT * FROM glob('*')", "SELECT * FROM parquet_scan('x')",
		"SELECT * FROM '/etc/passwd'", "SELECT * FROM 'x.csv'", `SELECT * FROM "x.parquet"`, "SELECT * FROM data.csv", "SELECT * FROM 'x.json.gz'", "SELECT * FROM 's3://b/k'", `SELECT * FROM a.b."x.csv"`,
		"SELECT (SELECT content FROM read_text('x')) AS a", "WITH a AS (SELECT * FROM sniff_csv('x')) SELECT * FROM a", "SELECT 1 AS a WHERE EXISTS (SELECT 1 FROM read_blob('x'))",
		"SELECT 1 AS a UNION ALL SELECT count FROM read_json('x')", "SELECT * FROM t, LATERAL (SELECT * FROM read_csv(t.path))", "FROM 'x.csv'", "SELECT * FROM t JOIN 'x.csv' USING (a)",
		"SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('x')", "SELECT * FROM json_execute_serialized_sql('{}')", "SELECT * FROM duckdb_secrets()", "SELECT * FROM pragma_version()", "SELECT * FROM enable_logging()",
		"SELECT getenv('HOME') AS a", "SELECT current_setting('secret_directory') AS a", "SELECT nextval('s') AS a", "SELECT write_log('x') AS a", "SELECT 1 AS a ORDER BY getenv('X')",
		"ATTACH 'x.db'", "COPY t TO 'x.csv'", "COPY (SELECT 1) TO 'x.csv'", "SET threads = 1", "PRAGMA version", "INSTALL httpfs", "LOAD httpfs", "EXPORT DATABASE 'x'", "CALL pragma_version()", "CHECKPOINT", "VACUUM", "EXPLAIN SELECT 1",
		"DESCRIBE SELECT 1", "SUMMARIZE t", "SHOW TABLES", "PIVOT t ON a USING sum(b)", "SELECT 1;\nDROP TABLE x",
	} {
		var e *warehouse.Error
		if err := c.Seal(t.Context(), sql); !errors.As(err, &e) {
			t.Errorf("%s\n  %v, want a *warehouse.Error", sql, err)
		}
	}
	for _, sql := range []string{
		"SELECT * FROM t", "SELECT * FROM a.b.c", `SELECT * FROM "odd name"`, "SELECT * FROM range(5)", "SELECT unnest([1, 2]) AS a", "SELECT * FROM generate_series(1, 3)", "FROM t SELECT a", "VALUES (1, 2)",
		"SELECT 'read_csv(''x'')' AS a, '/etc/passwd' AS b FROM t", "SELECT * FROM t PIVOT (sum(a) FOR b IN (1, 2))", "SELECT a, row_number() OVER (ORDER BY b) AS n FROM t QUALIFY n = 1", "SELECT {'a': 1} AS s, [x + 1 FOR x IN l] AS m FROM t",
		"WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT * FROM r", "SELECT * FROM t ASOF JOIN u USING (a, b)", "SELECT * FROM t TABLESAMPLE 10%", "SELECT COUNT(*) FILTER (a > 1) AS n FROM t GROUP BY ALL",
	} {
		if err := c.Seal(t.Context(), sql); err != nil {
			t.Errorf("%s\n  %v", sql, err)
		}
	}
}

func TestSealPlace(t *testing.T) {
	c := open(t, ":memory:")
	for sql, want := range map[string][2]int{
		"SELECT 'é' AS a,\n  b\nFROM x, read_csv('f')": {3, 9},
		"SELECT 'é' AS a, getenv('X') AS b":            {1, 18},
		"SELECT a\nFROM t\nWHERE a = = 1":              {3, 11},
	} {
		var e *warehouse.Error
		if err := c.Seal(t.Context(), sql); !errors.As(err, &e) || e.Line != want[0] || e.Col != want[1] {
			t.Errorf("%q: %+v, want it at %v", sql, err, want)
		}
	}
	if _, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT * FROM 'x.csv'", Sealed: true}); err == nil || !strings.Contains(err.Error(), "files:") {
		t.Errorf("%v, want a way out", err)
	}
}
