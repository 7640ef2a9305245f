package duckdb

import (
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// columnTypes are Weir's types as columns.
var columnTypes = map[rows.Type]string{rows.Text: "VARCHAR", rows.Int: "BIGINT", rows.Double: "DOUBLE", rows.Decimal: "DECIMAL(38,9)", rows.Bool: "BOOLEAN",
	rows.Date: "DATE", rows.Timestamp: "TIMESTAMP", rows.JSON: "JSON", rows.TextList: "VARCHAR[]"}

// Dialect is how DuckDB spells what Weir asks of it.
var Dialect = &warehouse.Dialect{
	Name:      "duckdb",
	Quote:     func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
	String:    quoteText,
	TypeNames: columnTypes,
	HashType:  rows.Int,
	// hash mixes NULLs in as values of their own; a plain cast to BIGINT would fail for half of all hashes.
	Hash:       func(exprs []string) string { return "(hash(" + strings.Join(exprs, ", ") + ") >> 1)::BIGINT" },
	Hashed:     func(expr string, _ rows.Type) string { return expr },
	FrozenHash: func(text string) string { return "(md5_number_lower(" + text + ") >> 1)::BIGINT" },
	HashScheme: hashScheme(bindings.LibraryVersion()),
	Cast: func(expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
		return cast("CAST", expr, from, to, zone)
	},
	TryCast: func(expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
		return cast("TRY_CAST", expr, from, to, zone)
	},
	CanFail:   canFail,
	NotJSON:   notJSON,
	Text:      text,
	JSONValue: jsonValue,
	JSONMember: func(object, name string) string {
		return "json_extract(" + object + ", " + quoteText(jsonPointer(name)) + ")::VARCHAR"
	},
	JSONMembers: func(object string, names []string) (string, func(string, int) string) {
		paths := make([]string, len(names))
		for i, n := range names {
			paths[i] = quoteText(jsonPointer(n))
		}
		item := func(alias string, i int) string { return fmt.Sprintf("%s[%d]::VARCHAR", alias, i+1) }
		return "json_extract(" + object + ", [" + strings.Join(paths, ", ") + "])", item
	},
	ConcatSkipNull: func(sep string, exprs []string) string {
		return "concat_ws(" + quoteText(sep) + ", " + strings.Join(exprs, ", ") + ")"
	},
	Descending: "DESC",
	AddSeconds: func(expr string, seconds int64) string { return fmt.Sprintf("(%s + to_seconds(%d))", expr, seconds) },
	XorText:    func(expr string) string { return "CAST(bit_xor(" + expr + ") AS VARCHAR)" },
	SumText:    func(expr string) string { return "CAST(sum(" + expr + ") AS VARCHAR)" },
	Now:        "(now() AT TIME ZONE 'UTC')",
	Timestamp: func(rfc3339 string) string {
		return "TIMESTAMP " + quoteText(strings.TrimSuffix(strings.Replace(rfc3339, "T", " ", 1), "Z"))
	},
	Files: files,
}

// hashScheme names the hash: its values are DuckDB's own and change between
// minor versions.
func hashScheme(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	return "duckdb/hash/" + strings.Join(parts[:min(2, len(parts))], ".") + "/1"
}

// lineBreaks are the characters that a literal says by their number: SQL is
// written in indented lines, and the driver's text ends at a NUL.
var lineBreaks = strings.NewReplacer("\n", "' || chr(10) || '", "\r", "' || chr(13) || '", "\x00", "' || chr(0) || '")

func quoteText(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.ContainsAny(text, "\n\r\x00") {
		return "(" + lineBreaks.Replace(quoted) + ")"
	}
	return quoted
}

// jsonPointer is the path of one member whose name may hold anything; a path
// with $ would take some of it for wildcards.
func jsonPointer(name string) string {
	return "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// files is a relation over files, by their ending.
func files(glob string, text []string) string {
	name := strings.ToLower(strings.TrimSuffix(glob, ".gz"))
	switch {
	case strings.HasSuffix(name, ".parquet"):
		return "read_parquet(" + quoteText(glob) + ")"
	case strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"):
		return "read_json_auto(" + quoteText(glob) + ")"
	}
	types := make([]string, len(text))
	for i, c := range text {
		types[i] = quoteText(c) + ": 'VARCHAR'"
	}
	// The first line is the header and every other line a row: left to itself the
	// reader skips lines until the rest looks even. So many rows decide on types;
	// to look at all of them would cost more than the query, every time.
	args := quoteText(glob) + ", header = true, skip = 0, comment = '', sample_size = 204800"
	if len(types) > 0 {
		args += ", types = {" + strings.Join(types, ", ") + "}"
	}
	return "read_csv(" + args + ")"
}
