package expr

import "github.com/weir-data/weir/internal/rows"

// condition is a form of an aggregate over conditions.
func condition(result Type, s Spelling) []Form {
	return []Form{{Params: []Param{{Name: "condition", Types: bools}}, Result: result, Spell: s}}
}

// extremum are the forms of min and max.
func extremum(name string) []Form {
	return []Form{{Params: []Param{{Name: "x", Types: ordered, Common: true}}, Spell: every(name + "({1:text order})")}}
}

// chosen are the forms of first and last. Of several rows at the same place
// one value is taken by the value itself, so that a build gives it every time.
func chosen(direction string) []Form {
	order := " ORDER BY {2:text order}" + direction + ", {1:text order}" + direction
	there := " FILTER (WHERE {1} IS NOT NULL AND {2} IS NOT NULL)"
	return []Form{{Params: []Param{{Name: "x", Types: plain, Common: true, Varies: true}, {Name: "by", Types: ordered, Varies: true}}, Spell: Spelling{
		DuckDB:    "first({1}" + order + ")" + there,
		Postgres:  "(array_agg({1}" + order + ")" + there + ")[1]",
		BigQuery:  "ARRAY_AGG(IF({2} IS NULL, NULL, {1}) IGNORE NULLS" + order + " LIMIT 1)[SAFE_OFFSET(0)]",
		Snowflake: "CAST(get(array_agg(iff({2} IS NULL, NULL, {1})) WITHIN GROUP (" + order[1:] + "), 0) AS {result})",
		Trino:     "element_at(array_agg({1}" + order + ")" + there + ", 1)",
	}}}
}

var aggregateFunctions = []Function{
	{Name: "count", Group: groupAggregate, Aggregate: true, Doc: "How many rows there are: `count(*)` all, `count(x)` those where x is not NULL, `count(distinct x)` how many different values.", Nulls: "not counted, except by `*`", Example: "count(distinct name)",
		Forms: []Form{{Star: true, Result: rows.Int, Spell: every("count(*)")},
			{Params: []Param{x(plain)}, Distinct: true, Result: rows.Int, Spell: every("count({distinct}{1})")},
			{Params: []Param{x(anything)}, Result: rows.Int, Spell: every("count({1})")}}},
	{Name: "count_if", Group: groupAggregate, Aggregate: true, Doc: "How many rows the condition is true for.", Nulls: "a condition that is NULL is not true", Example: "count_if(amount > 100)", Forms: condition(rows.Int, every("count(CASE WHEN {1} THEN 1 END)"))},
	{Name: "sum", Group: groupAggregate, Aggregate: true, Doc: "The sum, in the type of x.", Nulls: "left out; NULL where there is no value", Example: "sum(amount)", Forms: []Form{
		{Params: []Param{x(ints)}, Result: rows.Int, Spell: every("CAST(sum({1}) AS {bigint})")},
		{Params: []Param{x(decimals)}, Result: rows.Decimal, Spell: every("CAST(sum({1}) AS {decimal})")},
		{Params: []Param{x(doubles)}, Result: rows.Double, Spell: every("sum({1})")}}},
	{Name: "avg", Group: groupAggregate, Aggregate: true, Doc: "The mean, as a double.", Nulls: "left out; NULL where there is no value", Example: "avg(amount)", Forms: oneDouble(every("avg({1})"))},
	{Name: "min", Group: groupAggregate, Aggregate: true, Doc: "The smallest value; texts by their code points.", Nulls: "left out; NULL where there is no value", Example: "min(ordered_at)", Forms: extremum("min")},
	{Name: "max", Group: groupAggregate, Aggregate: true, Doc: "The largest value; texts by their code points.", Nulls: "left out; NULL where there is no value", Example: "max(ordered_at)", Forms: extremum("max")},
	{Name: "stddev", Group: groupAggregate, Aggregate: true, Doc: "The standard deviation of a sample, as a double.", Nulls: "left out; NULL where there are fewer than two values", Example: "stddev(amount)", Forms: oneDouble(every("stddev_samp({1})"))},
	{Name: "bool_and", Group: groupAggregate, Aggregate: true, Doc: "Whether the condition is true for every row.", Nulls: "left out; NULL where there is no value", Example: "bool_and(paid)",
		Forms: condition(rows.Bool, Spelling{All: "bool_and({1})", BigQuery: "LOGICAL_AND({1})", Snowflake: "booland_agg({1})"})},
	{Name: "bool_or", Group: groupAggregate, Aggregate: true, Doc: "Whether the condition is true for any row.", Nulls: "left out; NULL where there is no value", Example: "bool_or(paid)",
		Forms: condition(rows.Bool, Spelling{All: "bool_or({1})", BigQuery: "LOGICAL_OR({1})", Snowflake: "boolor_agg({1})"})},
	{Name: "first", Group: groupAggregate, Aggregate: true, Doc: "The value of x where `by` is smallest; of several the smallest x.", Nulls: "rows where either is NULL are left out", Example: "first(status, ordered_at)", Forms: chosen("")},
	{Name: "last", Group: groupAggregate, Aggregate: true, Doc: "The value of x where `by` is largest; of several the largest x.", Nulls: "rows where either is NULL are left out", Example: "last(status, ordered_at)", Forms: chosen(" DESC")},
	{Name: "string_agg", Group: groupAggregate, Aggregate: true, Doc: "The texts in their order with a separator between them; with `distinct` each once.", Nulls: "left out; NULL where nothing is left", Example: "string_agg(distinct status, ', ')",
		Forms: []Form{{Params: []Param{{Name: "x", Types: texts, Varies: true}, {Name: "separator", Types: texts, Needs: needText}}, Distinct: true, Result: rows.Text, Spell: Spelling{
			DuckDB: "nullif(string_agg({distinct}{1}, {2} ORDER BY {1}), '')", Postgres: "nullif(string_agg({distinct}{1:text order}, {2} ORDER BY {1:text order}), '')", BigQuery: "NULLIF(STRING_AGG({distinct}{1}, {2} ORDER BY {1}), '')",
			Snowflake: "NULLIF(listagg({distinct}{1}, {2}) WITHIN GROUP (ORDER BY {1}), '')", Trino: "nullif(listagg({distinct}{1}, {2}) WITHIN GROUP (ORDER BY {1}), '')"}}}},
}
