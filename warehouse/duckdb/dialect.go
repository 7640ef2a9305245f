package duckdb

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Dialect is how DuckDB spells what Weir asks of it.
var Dialect = &warehouse.Dialect{
	Name:   "duckdb",
	Quote:  func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
	String: quoteText,
	TypeNames: map[rows.Type]string{rows.Text: "VARCHAR", rows.Int: "BIGINT", rows.Double: "DOUBLE", rows.Decimal: "DECIMAL(38,9)", rows.Bool: "BOOLEAN",
		rows.Date: "DATE", rows.Timestamp: "TIMESTAMP", rows.JSON: "JSON", rows.TextList: "VARCHAR[]"},
	HashType:   rows.Int,
	Hash:       func(exprs []string) string { return "(hash(" + strings.Join(exprs, ", ") + ") >> 1)::BIGINT" },
	HashScheme: "duckdb/hash/1.5/1",
	Cast: func(expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
		return cast("CAST", expr, from, to, zone)
	},
	TryCast: func(expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
		return cast("TRY_CAST", expr, from, to, zone)
	},
	NotJSON: func(expr string, t rows.Type) string {
		if t != rows.Double {
			return "FALSE"
		}
		return "NOT isfinite(" + expr + ")"
	},
	Text:      text,
	JSONValue: jsonValue,
	JSONMember: func(object, name string) string {
		return "json_extract(" + object + ", " + quoteText(jsonPath(name)) + ")::VARCHAR"
	},
	JSONMembers: func(object string, names []string) (string, func(string, int) string) {
		paths := make([]string, len(names))
		for i, n := range names {
			paths[i] = quoteText(jsonPath(n))
		}
		item := func(alias string, i int) string { return fmt.Sprintf("%s[%d]::VARCHAR", alias, i+1) }
		return "json_extract(" + object + ", [" + strings.Join(paths, ", ") + "])", item
	},
	ConcatSkipNull: func(sep string, exprs []string) string {
		return "concat_ws(" + quoteText(sep) + ", " + strings.Join(exprs, ", ") + ")"
	},
	AddSeconds: func(expr string, seconds int64) string { return fmt.Sprintf("(%s + to_seconds(%d))", expr, seconds) },
	XorText:    func(expr string) string { return "CAST(bit_xor(" + expr + ") AS VARCHAR)" },
	SumText:    func(expr string) string { return "CAST(sum(" + expr + ") AS VARCHAR)" },
	Now:        "(now() AT TIME ZONE 'UTC')",
	Timestamp: func(rfc3339 string) string {
		return "TIMESTAMP " + quoteText(strings.TrimSuffix(strings.Replace(rfc3339, "T", " ", 1), "Z"))
	},
	CSV: files,
}

func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// jsonPath is the path of one member whose name may hold anything.
func jsonPath(name string) string {
	b, err := json.Marshal(name)
	if err != nil {
		panic(err) // a string always marshals
	}
	return "$." + string(b)
}

// cast brings a column to one of Weir's types. A timestamp without a zone is
// read in the given one, and held in UTC.
func cast(how, expr string, from warehouse.NativeColumn, to rows.Type, zone string) string {
	as := func(t string) string { return how + "(" + expr + " AS " + t + ")" }
	switch to {
	case rows.Timestamp:
		if from.Native == "TIMESTAMPTZ" || from.Native == "TIMESTAMP WITH TIME ZONE" {
			return "(" + expr + " AT TIME ZONE 'UTC')"
		}
		naive := as("TIMESTAMP")
		if zone == "" || zone == "UTC" {
			return naive
		}
		return "((" + naive + " AT TIME ZONE " + quoteText(zone) + ") AT TIME ZONE 'UTC')"
	case rows.JSON:
		if from.Native == "JSON" {
			return expr
		}
		return "to_json(" + expr + ")"
	case rows.Text:
		if from.Native == "BLOB" {
			return "base64(" + expr + ")"
		}
		return as("VARCHAR")
	case rows.Decimal, rows.Int, rows.Double, rows.Bool, rows.Date, rows.TextList:
		return as(map[rows.Type]string{rows.Decimal: "DECIMAL(38,9)", rows.Int: "BIGINT", rows.Double: "DOUBLE", rows.Bool: "BOOLEAN", rows.Date: "DATE", rows.TextList: "VARCHAR[]"}[to])
	default:
		return expr
	}
}

// text is the canonical text of a value.
func text(expr string, t rows.Type) string {
	switch t {
	case rows.Text, rows.JSON:
		return expr
	case rows.Decimal:
		return "rtrim(rtrim(CAST(" + expr + " AS VARCHAR), '0'), '.')"
	case rows.Timestamp:
		return "strftime(" + expr + ", '%Y-%m-%dT%H:%M:%S.%fZ')"
	default:
		return "CAST(" + expr + " AS VARCHAR)"
	}
}

// jsonValue is the canonical JSON text of a value that is not NULL.
func jsonValue(expr string, t rows.Type) string {
	switch t {
	case rows.Text, rows.TextList, rows.Double:
		return "CAST(to_json(" + expr + ") AS VARCHAR)"
	case rows.JSON:
		return "CAST(" + expr + " AS VARCHAR)"
	case rows.Date, rows.Timestamp:
		return `'"' || ` + text(expr, t) + ` || '"'`
	default:
		return text(expr, t)
	}
}

// files is a relation over files, by their ending.
func files(glob string) string {
	name := strings.TrimSuffix(strings.TrimSuffix(glob, ".gz"), ".zst")
	switch {
	case strings.HasSuffix(name, ".parquet"):
		return "read_parquet(" + quoteText(glob) + ")"
	case strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"):
		return "read_json_auto(" + quoteText(glob) + ")"
	default:
		return "read_csv(" + quoteText(glob) + ", header = true, sample_size = -1)"
	}
}
