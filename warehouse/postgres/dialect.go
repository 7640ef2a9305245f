package postgres

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// columnTypes are Weir's types as columns. JSON is json and not jsonb, which
// would order members anew and print blanks between them.
var columnTypes = map[rows.Type]string{rows.Text: "TEXT", rows.Int: "BIGINT", rows.Double: "DOUBLE PRECISION", rows.Decimal: "NUMERIC(38,9)", rows.Bool: "BOOLEAN",
	rows.Date: "DATE", rows.Timestamp: "TIMESTAMP", rows.JSON: "JSON", rows.TextList: "TEXT[]"}

// Dialect is how PostgreSQL spells what Weir asks of it. An open Conn gives a
// copy whose HashScheme names the server's major version too.
var Dialect = &warehouse.Dialect{
	Name:           "postgres",
	Quote:          quoteName,
	String:         quoteText,
	TypeNames:      columnTypes,
	HashType:       rows.Int,
	Hash:           hash,
	Hashed:         hashed,
	FrozenHash:     frozenHash,
	HashScheme:     "postgres/hash_record/1",
	Cast:           cast,
	TryCast:        tryCast,
	CanFail:        canFail,
	NotJSON:        notJSON,
	Text:           text,
	JSONValue:      jsonValue,
	JSONMember:     jsonMember,
	JSONMembers:    jsonMembers,
	ConcatSkipNull: concatSkipNull,
	Descending:     "DESC NULLS LAST",
	AddSeconds: func(expr string, seconds int64) string {
		return fmt.Sprintf("(%s + INTERVAL '%d seconds')", expr, seconds)
	},
	XorText: func(expr string) string { return "CAST(bit_xor(" + expr + ") AS TEXT)" },
	SumText: func(expr string) string { return "CAST(sum(" + expr + ") AS TEXT)" },
	RowLock: " FOR SHARE",
	Once:    warehouse.Once{Constraint: " UNIQUE", OrNothing: " ON CONFLICT DO NOTHING"},
	Now:     "(now() AT TIME ZONE 'UTC')",
	Timestamp: func(rfc3339 string) string {
		return "TIMESTAMP " + quoteText(strings.TrimSuffix(strings.Replace(rfc3339, "T", " ", 1), "Z"))
	},
}

// dialectOf is the dialect of a server of that major version: its hashes are
// not promised to stay the same in the next.
func dialectOf(major int) *warehouse.Dialect {
	d := *Dialect
	d.HashScheme = fmt.Sprintf("postgres/hash_record/%d/1", major)
	return &d
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// lineBreaks are the characters that a literal says by their number: SQL is
// written in indented lines, and the server refuses a NUL wherever it stands.
var lineBreaks = strings.NewReplacer("\n", "' || chr(10) || '", "\r", "' || chr(13) || '", "\x00", "' || chr(0) || '")

func quoteText(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.ContainsAny(text, "\n\r\x00") {
		return "(" + lineBreaks.Replace(quoted) + ")"
	}
	return quoted
}

// hash is the server's own hash of a row: each value by its type, NULLs told
// apart by their place. Its sign bit is dropped, so that sums stay small.
func hash(exprs []string) string {
	typed := make([]string, len(exprs))
	for i, e := range exprs {
		if typed[i] = e; strings.HasPrefix(e, "'") {
			typed[i] = "CAST(" + e + " AS TEXT)" // in a row a bare literal has no type to be hashed by
		}
	}
	return "(hash_record_extended(ROW(" + strings.Join(typed, ", ") + "), 0) & 9223372036854775807)"
}

// hashed makes text of json, which has no hash.
func hashed(expr string, t rows.Type) string {
	if t == rows.JSON {
		return asText(expr)
	}
	return expr
}

// frozenHash is the last eight bytes of the MD5, the last of them first, less
// one bit: the number that other engines have.
func frozenHash(text string) string {
	var bytes []string
	for at := 31; at >= 17; at -= 2 {
		bytes = append(bytes, fmt.Sprintf("substr(h.m, %d, 2)", at))
	}
	return "(SELECT (CAST(CAST('x' || " + strings.Join(bytes, " || ") + " AS BIT(64)) AS BIGINT) >> 1) & 9223372036854775807 FROM (SELECT md5(" + text + ") AS m OFFSET 0) AS h)"
}

// mostArguments is how many a function may be called with, less a few.
const mostArguments = 95

func concatSkipNull(sep string, exprs []string) string {
	list := strings.Join(exprs, ", ")
	if len(exprs) > mostArguments {
		return "array_to_string(ARRAY[" + list + "], " + quoteText(sep) + ")"
	}
	return "concat_ws(" + quoteText(sep) + ", " + list + ")"
}
