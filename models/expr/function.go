package expr

import (
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// Function is one function of the language, declared once: what is checked,
// printed, documented and tested comes from here.
type Function struct {
	Name      string
	Group     string // the heading it stands under
	Aggregate bool
	Doc       string // one sentence
	Nulls     string // what NULL does; "" = any NULL argument gives NULL
	Example   string // a call
	Value     string // what the call gives; "" for aggregates
	Forms     []Form
}

// Form is one way to call a function: types of arguments, a result, and how
// each dialect spells it. The first form that fits a call is taken.
type Form struct {
	Params   []Param
	Variadic bool // the last parameter may be repeated
	Optional int  // so many of the last parameters may be left out
	Star     bool // f(*), without parameters
	Distinct bool // f(distinct x) is allowed
	Result   Type // untyped = the common type of the parameters marked Common
	Spell    Spelling
	Short    *Spelling // where the optional parameters are left out
}

// Param is one parameter.
type Param struct {
	Name   string
	Types  []Type
	As     Type    // what a value is brought to; untyped = as it is
	Common bool    // all such parameters of a call are brought to one type
	Needs  *demand // set where it must be a literal of some kind
	Varies bool    // it must read a column: values are put in its order
}

// Spelling is a template by dialect; All is for those that are empty. In it
// {1} is the first argument; see template.go for what else may stand there.
type Spelling struct {
	All                                          string
	DuckDB, Postgres, BigQuery, Snowflake, Trino string
}

// of is the template of a dialect.
func (s *Spelling) of(dialect string) string {
	own := map[string]string{"duckdb": s.DuckDB, "postgres": s.Postgres, "bigquery": s.BigQuery, "snowflake": s.Snowflake, "trino": s.Trino}[dialect]
	if own == "" {
		return s.All
	}
	return own
}

// every is a spelling that all dialects share.
func every(template string) Spelling { return Spelling{All: template} }

// Sets of types that parameters take.
var (
	texts      = []Type{rows.Text}
	ints       = []Type{rows.Int}
	exacts     = []Type{rows.Int, rows.Decimal}
	numbers    = []Type{rows.Int, rows.Decimal, rows.Double}
	decimals   = []Type{rows.Decimal}
	doubles    = []Type{rows.Double}
	bools      = []Type{rows.Bool}
	dates      = []Type{rows.Date}
	timestamps = []Type{rows.Timestamp}
	times      = []Type{rows.Date, rows.Timestamp}
	jsons      = []Type{rows.JSON}
	ordered    = []Type{rows.Text, rows.Int, rows.Decimal, rows.Double, rows.Date, rows.Timestamp}
	plain      = []Type{rows.Text, rows.Int, rows.Decimal, rows.Double, rows.Bool, rows.Date, rows.Timestamp}
	anything   = []Type{rows.Text, rows.Int, rows.Decimal, rows.Double, rows.Bool, rows.Date, rows.Timestamp, rows.JSON}
)

// Functions are all functions, by group and as the reference shows them.
var Functions = slices.Concat(textFunctions, patternFunctions, numberFunctions, conditionFunctions, timeFunctions, aggregateFunctions)

var functionsByName = byName()

func byName() map[string]*Function {
	out := map[string]*Function{}
	for i := range Functions {
		out[Functions[i].Name] = &Functions[i]
	}
	return out
}

// clocks are the names by which other languages read the clock.
var clocks = []string{"now", "current_timestamp", "current_date", "current_time", "localtimestamp", "getdate", "sysdate", "today", "transaction_timestamp", "clock_timestamp", "statement_timestamp", "get_current_timestamp"}

// otherNames are what other languages call a function, and what it is here.
var otherNames = map[string]string{
	"substr": "substring(x, 1, 3)", "mid": "substring(x, 1, 3)", "ifnull": "coalesce(x, 0)", "nvl": "coalesce(x, 0)", "isnull": "x is null", "zeroifnull": "coalesce(x, 0)", "iff": "if(condition, a, b)", "decode": "case x when 1 then 'a' end",
	"ceiling": "ceil(x)", "pow": "power(x, 2)", "char_length": "length(x)", "character_length": "length(x)", "len": "length(x)", "strpos": "position(x, 'part')", "instr": "position(x, 'part')", "charindex": "position(x, 'part')", "locate": "position(x, 'part')",
	"listagg": "string_agg(x, ', ')", "group_concat": "string_agg(x, ', ')", "array_agg": "string_agg(x, ', ')", "datediff": "date_diff('day', from, to)", "timestamp_diff": "date_diff('hour', from, to)", "dateadd": "date_add('day', 7, x)", "timestamp_add": "date_add('hour', 2, x)", "date_sub": "date_add('day', -7, x)",
	"timestamp_trunc": "date_trunc('month', x)", "date_part": "year(x), month(x), day(x) …", "datepart": "year(x), month(x), day(x) …", "extract": "year(x), month(x), day(x) …", "dayofweek": "day_of_week(x)", "isodow": "day_of_week(x)", "weekday": "day_of_week(x)", "dayofyear": "day_of_year(x)",
	"any_value": "min(x)", "arg_max": "last(x, by)", "max_by": "last(x, by)", "arg_min": "first(x, by)", "min_by": "first(x, by)", "first_value": "first(x, by)", "last_value": "last(x, by)", "to_date": "cast(x as date)", "to_timestamp": "cast(x as timestamp), or from_epoch(x)", "to_char": "cast(x as text)", "to_varchar": "cast(x as text)", "to_number": "cast(x as decimal)",
	"try_cast": "cast(x as bigint), which gives NULL for what cannot be cast", "safe_cast": "cast(x as bigint), which gives NULL for what cannot be cast", "convert": "cast(x as bigint)", "regexp_like": "regexp_contains(x, 'pattern')", "regexp_matches": "regexp_contains(x, 'pattern')", "regexp_match": "regexp_contains(x, 'pattern')", "regexp_substr": "regexp_extract(x, 'pattern')",
	"countif": "count_if(condition)", "every": "bool_and(condition)", "any": "bool_or(condition)", "all": "bool_and(condition)", "logical_or": "bool_or(condition)", "logical_and": "bool_and(condition)", "stddev_samp": "stddev(x)", "sha2": "sha256(x)", "json_value": "json_text(x, 'path')", "json_extract": "json_text(x, 'path')", "json_extract_scalar": "json_text(x, 'path')", "json_extract_string": "json_text(x, 'path')",
	"unix_timestamp": "epoch_seconds(x)", "epoch": "epoch_seconds(x)", "convert_timezone": "local_date(x, 'Europe/London') or local_hour(x, 'Europe/London')", "timezone": "local_date(x, 'Europe/London') or local_hour(x, 'Europe/London')", "concat_ws": "concat(x, ', ', y)", "contains_substr": "contains(x, 'part')", "endswith": "ends_with(x, 'part')", "startswith": "starts_with(x, 'part')", "log": "ln(x) or log10(x)", "average": "avg(x)", "count_distinct": "count(distinct x)", "trunc": "cast(x as bigint) or date_trunc('month', x)", "truncate": "floor(x)",
}

// functionNames are what a misspelt name may have meant.
func functionNames() []string {
	out := make([]string, len(Functions))
	for i := range Functions {
		out[i] = Functions[i].Name
	}
	return out
}

// strict tells whether NULL for any argument gives NULL.
func (f *Function) strict() bool { return f.Nulls == "" || strings.HasPrefix(f.Nulls, "NULL") }

// Usage is a form as one line: round(x number, digits bigint).
func (f *Function) Usage(form *Form) string {
	if form.Star {
		return f.Name + "(*)"
	}
	var b strings.Builder
	b.WriteString(f.Name + "(")
	for i, p := range form.Params {
		optional := i >= len(form.Params)-form.Optional
		if optional {
			b.WriteString("[")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if form.Distinct && i == 0 {
			b.WriteString("[distinct] ")
		}
		b.WriteString(p.Name)
		if p.Needs == nil {
			b.WriteString(" " + setName(p.Types))
		}
		if form.Variadic && i == len(form.Params)-1 {
			b.WriteString(", …")
		}
		if optional {
			b.WriteString("]")
		}
	}
	return b.String() + ")"
}

// setName is a set of types in a word.
func setName(set []Type) string {
	is := func(other []Type) bool {
		return len(set) == len(other) && !slices.ContainsFunc(other, func(t Type) bool { return !slices.Contains(set, t) })
	}
	switch {
	case is(anything):
		return "any"
	case is(plain):
		return "any but json"
	case is(ordered):
		return "text, number or time"
	case is(numbers):
		return "number"
	}
	names := make([]string, len(set))
	for i, t := range set {
		names[i] = t.String()
	}
	return strings.Join(names, " or ")
}
