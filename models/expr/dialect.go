package expr

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// Dialects are the names of those that expressions can be printed for.
var Dialects = []string{"duckdb", "postgres", "bigquery", "snowflake", "trino"}

// dialect is how an engine spells literals, names and types. In every engine a
// timestamp is one of UTC: of a type without a zone, in BigQuery of TIMESTAMP.
type dialect struct {
	name  string
	quote func(string) string
	str   func(string) string
	types map[Type]string

	integer   string // a bigint literal, %s its digits
	decimal   string // a decimal that stands alone
	operand   string // a decimal beside another number
	double    string
	date      string // %s quoted
	timestamp string // %s quoted, 2026-01-31 08:30:00.5
	bytewise  string // behind a text, so that it is ordered by its code points
	escape    string // behind a like pattern in which \ escapes
	units     map[string]unit
	forgets   bool // what is reckoned of constants and comes to NULL has no type
}

// unit is how units of time that differ are written.
type unit struct{ part, truncated string }

var dialects = map[string]*dialect{
	"duckdb": {name: "duckdb", quote: doubled(`"`), str: joined("'", "chr(%d)"),
		types:   map[Type]string{rows.Text: "VARCHAR", rows.Int: "BIGINT", rows.Double: "DOUBLE", rows.Decimal: "DECIMAL(38,9)", rows.Bool: "BOOLEAN", rows.Date: "DATE", rows.Timestamp: "TIMESTAMP", rows.JSON: "JSON", rows.TextList: "VARCHAR[]"},
		integer: "CAST(%s AS BIGINT)", decimal: "CAST(%s AS DECIMAL(38,9))", operand: "%s", double: "%s", date: "DATE %s", timestamp: "TIMESTAMP %s", escape: ` ESCAPE '\'`, forgets: true},
	"postgres": {name: "postgres", quote: doubled(`"`), str: postgresText,
		types:   map[Type]string{rows.Text: "text", rows.Int: "bigint", rows.Double: "double precision", rows.Decimal: "numeric(38,9)", rows.Bool: "boolean", rows.Date: "date", rows.Timestamp: "timestamp", rows.JSON: "json", rows.TextList: "text[]"},
		integer: "CAST(%s AS bigint)", decimal: "CAST(%s AS numeric(38,9))", operand: "%s", double: "CAST(%s AS double precision)", date: "DATE %s", timestamp: "TIMESTAMP %s", bytewise: ` COLLATE "C"`, escape: ` ESCAPE E'\\'`},
	"bigquery": {name: "bigquery", quote: backslashed("`"), str: backslashed("'"),
		types:   map[Type]string{rows.Text: "STRING", rows.Int: "INT64", rows.Double: "FLOAT64", rows.Decimal: "NUMERIC", rows.Bool: "BOOL", rows.Date: "DATE", rows.Timestamp: "TIMESTAMP", rows.JSON: "JSON", rows.TextList: "ARRAY<STRING>"},
		integer: "%s", decimal: "NUMERIC '%s'", operand: "NUMERIC '%s'", double: "%s", date: "DATE %s", timestamp: "TIMESTAMP %s", units: map[string]unit{"week": {"WEEK", "ISOWEEK"}}},
	"snowflake": {name: "snowflake", quote: doubled(`"`), str: backslashed("'"),
		types:   map[Type]string{rows.Text: "VARCHAR", rows.Int: "NUMBER(38,0)", rows.Double: "FLOAT", rows.Decimal: "NUMBER(38,9)", rows.Bool: "BOOLEAN", rows.Date: "DATE", rows.Timestamp: "TIMESTAMP_NTZ(6)", rows.JSON: "VARIANT", rows.TextList: "ARRAY"},
		integer: "%s", decimal: "CAST(%s AS NUMBER(38,9))", operand: "%s", double: "CAST(%s AS FLOAT)", date: "DATE %s", timestamp: "CAST(%s AS TIMESTAMP_NTZ(6))", escape: ` ESCAPE '\\'`},
	"trino": {name: "trino", quote: doubled(`"`), str: joined("'", "chr(%d)"),
		types:   map[Type]string{rows.Text: "VARCHAR", rows.Int: "BIGINT", rows.Double: "DOUBLE", rows.Decimal: "DECIMAL(38,9)", rows.Bool: "BOOLEAN", rows.Date: "DATE", rows.Timestamp: "TIMESTAMP(6)", rows.JSON: "VARCHAR", rows.TextList: "ARRAY(VARCHAR)"},
		integer: "BIGINT '%s'", decimal: "CAST(%s AS DECIMAL(38,9))", operand: "DECIMAL '%s'", double: "%s", date: "DATE %s", timestamp: "CAST(TIMESTAMP %s AS TIMESTAMP(6))", escape: ` ESCAPE '\'`},
}

// doubled quotes by writing the quote twice.
func doubled(q string) func(string) string {
	return func(s string) string { return q + strings.ReplaceAll(s, q, q+q) + q }
}

// backslashed quotes by backslashes, line breaks as well.
func backslashed(q string) func(string) string {
	r := strings.NewReplacer(`\`, `\\`, q, `\`+q, "\n", `\n`, "\r", `\r`, "\t", `\t`)
	return func(s string) string { return q + r.Replace(s) + q }
}

// joined quotes by doubling. Control characters are joined in by their number,
// so that a text stays on its line whatever indents the SQL.
func joined(q, char string) func(string) string {
	plain := doubled(q)
	return func(s string) string {
		if strings.IndexFunc(s, control) < 0 {
			return plain(s)
		}
		var parts []string
		for s != "" {
			at := strings.IndexFunc(s, control)
			if at < 0 {
				at = len(s)
			}
			if at > 0 {
				parts = append(parts, plain(s[:at]))
				s = s[at:]
				continue
			}
			parts = append(parts, fmt.Sprintf(char, s[0]))
			s = s[1:]
		}
		return "(" + strings.Join(parts, " || ") + ")"
	}
}

func control(c rune) bool { return c < ' ' }

// postgresText escapes openly where there is a backslash, whatever the server's
// standard_conforming_strings says.
func postgresText(s string) string {
	if strings.IndexFunc(s, control) < 0 && !strings.Contains(s, `\`) {
		return doubled("'")(s)
	}
	return "E" + backslashed("'")(s)
}

// unitWord is how a unit is written as a word.
func (d *dialect) unitWord(name string, truncated bool) string {
	u := d.units[name]
	switch {
	case truncated && u.truncated != "":
		return u.truncated
	case u.part != "":
		return u.part
	}
	return strings.ToUpper(name)
}
