package expr

import (
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// What a text must look like to be cast. The patterns are of the part that all
// engines read alike, and hold nothing that a text literal would escape.
const (
	wholeNumber   = "^-?[0-9]+$"
	decimalNumber = "^-?[0-9]+([.][0-9]+)?$"
	doubleNumber  = "^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]([0-9]([0-9])?)?)?$"
	yearNumber    = "([0-9][0-9][0-9][1-9]|[0-9][0-9][1-9]0|[0-9][1-9]00|[1-9]000)"
	dateText      = yearNumber + "-[0-9][0-9]-[0-9][0-9]"
	clockText     = "[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]([0-9]([0-9]([0-9]([0-9]([0-9])?)?)?)?)?)?"
	offsetText    = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"

	// PostgreSQL has no cast that gives NULL, so there the calendar is in the pattern.
	leapYear     = "([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
	postgresDate = "(" + yearNumber + "-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|" + leapYear + "-02-29)"
)

// matches spells a CASE that casts only texts of a pattern; {p} is the pattern, {c} the cast.
func matches(pattern string, s Spelling) Spelling {
	all := Spelling{DuckDB: "CASE WHEN regexp_matches({1}, '{p}') THEN {c} END", Postgres: "CASE WHEN {1} ~ '{p}' THEN {c} END", BigQuery: "CASE WHEN REGEXP_CONTAINS({1}, '{p}') THEN {c} END",
		Snowflake: "CASE WHEN REGEXP_INSTR({1}, '{p}') > 0 THEN {c} END", Trino: "CASE WHEN regexp_like({1}, '{p}') THEN {c} END"}
	fill := func(template, cast string) string {
		return strings.NewReplacer("{p}", pattern, "{c}", cast).Replace(template)
	}
	return Spelling{DuckDB: fill(all.DuckDB, s.DuckDB), Postgres: known(fill(all.Postgres, s.Postgres)), BigQuery: fill(all.BigQuery, s.BigQuery), Snowflake: fill(all.Snowflake, s.Snowflake), Trino: fill(all.Trino, s.Trino)}
}

// known has a literal said to be a text: PostgreSQL would read a bare one as
// the type it is cast to, before it looks at any condition.
func known(template string) string { return strings.ReplaceAll(template, "{1}", "{1:known}") }

// moment spells the cast of a text to a timestamp: with an offset it is
// brought to UTC, without one it is UTC.
func moment() Spelling {
	withOffset := matches("^"+dateText+clockText+offsetText+"$", Spelling{DuckDB: "(TRY_CAST({1} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')", BigQuery: "SAFE_CAST({1} AS TIMESTAMP)",
		Snowflake: "CAST(convert_timezone('UTC', try_to_timestamp_tz({1})) AS TIMESTAMP_NTZ(6))", Trino: "CAST(at_timezone(TRY(from_iso8601_timestamp_nanos(replace({1}, ' ', 'T'))), 'UTC') AS TIMESTAMP(6))"})
	without := matches("^"+dateText+"("+clockText+")?$", Spelling{DuckDB: "TRY_CAST({1} AS TIMESTAMP)", BigQuery: "SAFE_CAST({1} AS TIMESTAMP)",
		Snowflake: "CAST(try_to_timestamp_ntz({1}) AS TIMESTAMP_NTZ(6))", Trino: "TRY_CAST(replace({1}, 'T', ' ') AS TIMESTAMP(6))"})
	join := func(a, b string) string { return strings.TrimSuffix(a, " END") + strings.TrimPrefix(b, "CASE") }
	return Spelling{DuckDB: join(withOffset.DuckDB, without.DuckDB), BigQuery: join(withOffset.BigQuery, without.BigQuery), Snowflake: join(withOffset.Snowflake, without.Snowflake), Trino: join(withOffset.Trino, without.Trino),
		Postgres: known("CASE WHEN {1} ~ '^" + postgresDate + clockText + offsetText + "$' THEN CAST({1} AS timestamptz) AT TIME ZONE 'UTC' WHEN {1} ~ '^" + postgresDate + "(" + clockText + ")?$' THEN CAST({1} AS timestamp) END")}
}

const (
	bigintRange = "BETWEEN -9223372036854775808 AND 9223372036854775807"
	doubleRange = "BETWEEN -9.2233720368547748e18 AND 9.2233720368547748e18"
)

// nearest is a double rounded, a half away from zero, in PostgreSQL.
const nearest = "CASE WHEN abs({1} - trunc({1})) = 0.5 THEN trunc({1}) + sign({1}) ELSE round({1}) END"

// fromText are the casts of a text.
var fromText = map[Type]Spelling{
	rows.Bool: every("CASE lower({1}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"),
	rows.Int: matches(wholeNumber, Spelling{DuckDB: "TRY_CAST({1} AS BIGINT)", Postgres: "CASE WHEN length({1}) < 100 THEN CASE WHEN CAST({1} AS numeric) " + bigintRange + " THEN CAST({1} AS bigint) END END", BigQuery: "SAFE_CAST({1} AS INT64)",
		Snowflake: "CASE WHEN try_to_number({1}, 38, 0) " + bigintRange + " THEN try_to_number({1}, 38, 0) END", Trino: "TRY_CAST({1} AS BIGINT)"}),
	rows.Decimal: matches(decimalNumber, Spelling{DuckDB: "TRY_CAST({1} AS DECIMAL(38,9))", Postgres: "CASE WHEN length({1}) < 100 THEN CASE WHEN abs(round(CAST({1} AS numeric), 9)) < 1e29 THEN CAST({1} AS numeric(38,9)) END END",
		BigQuery: "SAFE_CAST({1} AS NUMERIC)", Snowflake: "try_to_number({1}, 38, 9)", Trino: "TRY_CAST({1} AS DECIMAL(38,9))"}),
	rows.Double: matches(doubleNumber, Spelling{DuckDB: "TRY_CAST({1} AS DOUBLE)", Postgres: "CASE WHEN length({1}) < 400 THEN CASE WHEN CAST({1} AS numeric) = 0 OR abs(CAST({1} AS numeric)) BETWEEN 1e-307 AND 1.7976931348623157e308 THEN CAST({1} AS double precision) END END",
		BigQuery: "SAFE_CAST({1} AS FLOAT64)", Snowflake: "try_to_double({1})", Trino: "TRY_CAST({1} AS DOUBLE)"}),
	rows.Date: func() Spelling {
		s := matches("^"+dateText+"$", Spelling{DuckDB: "TRY_CAST({1} AS DATE)", BigQuery: "SAFE_CAST({1} AS DATE)", Snowflake: "try_to_date({1}, 'YYYY-MM-DD')", Trino: "TRY_CAST({1} AS DATE)"})
		s.Postgres = known("CASE WHEN {1} ~ '^" + postgresDate + "$' THEN CAST({1} AS date) END")
		return s
	}(),
	rows.Timestamp: moment(),
}

// trimmed is a decimal's text without the zeros at its end.
const trimmed = "rtrim(rtrim(CAST({1} AS VARCHAR), '0'), '.')"

// otherCasts are the casts of all but texts. A value that has no place in the
// type gives NULL.
var otherCasts = map[[2]Type]Spelling{
	{rows.Int, rows.Text}:     every("CAST({1} AS {text})"),
	{rows.Decimal, rows.Text}: {DuckDB: trimmed, Postgres: "CAST(trim_scale({1}) AS text)", BigQuery: "CAST({1} AS STRING)", Snowflake: trimmed, Trino: "trim(TRAILING '.' FROM trim(TRAILING '0' FROM CAST({1} AS VARCHAR)))"},
	{rows.Bool, rows.Text}:    every("CAST({1} AS {text})"),
	{rows.Date, rows.Text}:    {All: "CAST({1} AS {text})", Postgres: "to_char({1}, 'YYYY-MM-DD')", Snowflake: "to_varchar({1}, 'YYYY-MM-DD')"},
	{rows.Timestamp, rows.Text}: {DuckDB: "strftime({1}, '%Y-%m-%dT%H:%M:%S.%fZ')", Postgres: `to_char({1}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`, BigQuery: "FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', {1})",
		Snowflake: `to_varchar({1}, 'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"')`, Trino: "(to_iso8601({1}) || 'Z')"},

	{rows.Int, rows.Decimal}:    every("CAST({1} AS {decimal})"),
	{rows.Int, rows.Double}:     every("CAST({1} AS {double})"),
	{rows.Decimal, rows.Double}: every("CAST({1} AS {double})"),
	{rows.Decimal, rows.Int}: {DuckDB: "TRY_CAST({1} AS BIGINT)", Postgres: "CASE WHEN round({1}) " + bigintRange + " THEN CAST(round({1}) AS bigint) END", BigQuery: "SAFE_CAST({1} AS INT64)",
		Snowflake: "CASE WHEN round({1}) " + bigintRange + " THEN CAST(round({1}) AS NUMBER(38,0)) END", Trino: "TRY_CAST({1} AS BIGINT)"},
	{rows.Double, rows.Int}: {DuckDB: "TRY_CAST(round({1}) AS BIGINT)", Postgres: "CASE WHEN {1} " + doubleRange + " THEN CAST(" + nearest + " AS bigint) END", BigQuery: "SAFE_CAST({1} AS INT64)",
		Snowflake: "CASE WHEN {1} " + doubleRange + " THEN CAST(round({1}) AS NUMBER(38,0)) END", Trino: "TRY_CAST(round({1}) AS BIGINT)"},
	{rows.Double, rows.Decimal}: {DuckDB: "TRY_CAST(CAST({1} AS VARCHAR) AS DECIMAL(38,9))", Postgres: "CASE WHEN abs({1}) < 1e29 THEN CAST({1} AS numeric(38,9)) END", BigQuery: "SAFE_CAST({1} AS NUMERIC)",
		Snowflake: "CASE WHEN abs({1}) < 1e29 THEN CAST({1} AS NUMBER(38,9)) END", Trino: "TRY_CAST({1} AS DECIMAL(38,9))"},

	{rows.Date, rows.Timestamp}: {All: "CAST({1} AS {timestamp})", BigQuery: "TIMESTAMP({1})"},
	{rows.Timestamp, rows.Date}: {All: "CAST({1} AS {date})", BigQuery: "DATE({1})"},
}

// castSpelling is how a cast is spelled; false where there is none.
func castSpelling(from, to Type) (Spelling, bool) {
	if from == rows.Text {
		s, ok := fromText[to]
		return s, ok
	}
	s, ok := otherCasts[[2]Type{from, to}]
	return s, ok
}
