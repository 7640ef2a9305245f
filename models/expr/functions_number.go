package expr

import "github.com/weir-data/weir/internal/rows"

// sameNumber are three forms of a function that keeps the type of its number:
// a bigint is left as it is.
func sameNumber(decimal, double Spelling) []Form {
	return []Form{
		{Params: []Param{x(ints)}, Result: rows.Int, Spell: every("{1:typed}")},
		{Params: []Param{x(decimals)}, Result: rows.Decimal, Spell: decimal},
		{Params: []Param{{Name: "x", Types: doubles}}, Result: rows.Double, Spell: double},
	}
}

// oneDouble is a form that reckons in doubles.
func oneDouble(s Spelling) []Form {
	return []Form{{Params: []Param{{Name: "x", Types: numbers, As: rows.Double}}, Result: rows.Double, Spell: s}}
}

// rounding are the forms of round: half a unit goes away from zero.
func rounding() []Form {
	digits := Param{Name: "digits", Types: ints, Needs: needDigits}
	return []Form{
		{Params: []Param{x(ints), digits}, Optional: 1, Result: rows.Int, Spell: every("{1:typed}"), Short: &Spelling{All: "{1:typed}"}},
		{Params: []Param{x(decimals), digits}, Optional: 1, Result: rows.Decimal, Spell: every("CAST(round({1}, {2}) AS {decimal})"), Short: &Spelling{All: "CAST(round({1}) AS {decimal})"}},
		{Params: []Param{x(doubles), digits}, Optional: 1, Result: rows.Double,
			Spell: Spelling{All: "round({1}, {2})", Postgres: "CAST(round(CAST({1} AS numeric), {2}) AS double precision)"},
			Short: &Spelling{All: "round({1})", Postgres: "CASE WHEN abs({1} - trunc({1})) = 0.5 THEN trunc({1}) + sign({1}) ELSE round({1}) END"}},
	}
}

// extreme are the forms of least and greatest: engines differ in whether they
// skip NULLs, so those that do are told not to.
func extreme(name string) []Form {
	return []Form{{Params: []Param{{Name: "x", Types: ordered, Common: true}, {Name: "y", Types: ordered, Common: true}}, Variadic: true,
		Spell: Spelling{All: name + "({*:text order})", DuckDB: "CASE WHEN {*:all there} THEN " + name + "({*}) END", Postgres: "CASE WHEN {*:all there} THEN " + name + "({*:text order}) END"}}}
}

var numberFunctions = []Function{
	{Name: "abs", Group: groupNumber, Doc: "The number without its sign.", Example: "abs(-3)", Value: "3", Forms: []Form{
		{Params: []Param{{Name: "x", Types: numbers, Common: true}}, Spell: every("abs({1})")}}},
	{Name: "round", Group: groupNumber, Doc: "The number with so many digits behind the point (0 to 9, none by default); a half goes away from zero, and a bigint stays as it is.", Example: "round(2.345, 2)", Value: "2.35", Forms: rounding()},
	{Name: "floor", Group: groupNumber, Doc: "The largest whole number that is not above it, in its own type.", Example: "floor(-2.5)", Value: "-3", Forms: sameNumber(every("CAST(floor({1}) AS {decimal})"), every("floor({1})"))},
	{Name: "ceil", Group: groupNumber, Doc: "The smallest whole number that is not below it, in its own type.", Example: "ceil(2.1)", Value: "3", Forms: sameNumber(every("CAST(ceil({1}) AS {decimal})"), every("ceil({1})"))},
	{Name: "sqrt", Group: groupNumber, Doc: "The square root, as a double.", Nulls: "NULL; so is the root of a negative number", Example: "sqrt(9)", Value: "3", Forms: oneDouble(every("sqrt({1:not negative})"))},
	{Name: "power", Group: groupNumber, Doc: "x to the power of y, as a double.", Nulls: "NULL; so is what has no real value: 0 to a negative power, a negative number to a broken one", Example: "power(2, 10)", Value: "1024",
		Forms: []Form{{Params: []Param{{Name: "x", Types: numbers, As: rows.Double}, {Name: "y", Types: numbers, As: rows.Double}}, Result: rows.Double,
			Spell: every("CASE WHEN {1} > 0 OR {1} = 0 AND {2} >= 0 OR {1} < 0 AND {2} = floor({2}) THEN power({1}, {2}) END")}}},
	{Name: "ln", Group: groupNumber, Doc: "The natural logarithm, as a double.", Nulls: "NULL; so is that of 0 and of negative numbers", Example: "ln(1)", Value: "0", Forms: oneDouble(every("ln({1:positive})"))},
	{Name: "log10", Group: groupNumber, Doc: "The logarithm to base 10, as a double.", Nulls: "NULL; so is that of 0 and of negative numbers", Example: "log10(1000)", Value: "3",
		Forms: oneDouble(Spelling{All: "log10({1:positive})", Postgres: "log({1:positive})", Snowflake: "log(10, {1:positive})"})},
	{Name: "exp", Group: groupNumber, Doc: "e to the power of x, as a double.", Example: "exp(0)", Value: "1", Forms: oneDouble(every("exp({1})"))},
	{Name: "sign", Group: groupNumber, Doc: "-1, 0 or 1.", Example: "sign(-7)", Value: "-1", Forms: []Form{{Params: []Param{x(numbers)}, Result: rows.Int, Spell: every("CAST(sign({1}) AS {bigint})")}}},
	{Name: "mod", Group: groupNumber, Doc: "What is left of x divided by y, with the sign of x; the same as `x % y`.", Nulls: "NULL; so is mod by 0", Example: "mod(-7, 3)", Value: "-1", Forms: []Form{
		{Params: []Param{x(ints), {Name: "y", Types: ints}}, Result: rows.Int, Spell: Spelling{All: "CAST(mod({1}, {2:not zero}) AS {bigint})", DuckDB: "CAST({1} % {2:not zero} AS BIGINT)"}},
		{Params: []Param{{Name: "x", Types: exacts, As: rows.Decimal}, {Name: "y", Types: exacts, As: rows.Decimal}}, Result: rows.Decimal, Spell: Spelling{All: "CAST(mod({1}, {2:not zero}) AS {decimal})", DuckDB: "CAST({1} % {2:not zero} AS DECIMAL(38,9))"}}}},
	{Name: "div", Group: groupNumber, Doc: "x divided by y as a whole number, the fraction cut off; `x / y` is a double.", Nulls: "NULL; so is div by 0", Example: "div(-7, 2)", Value: "-3",
		Forms: []Form{{Params: []Param{x(ints), {Name: "y", Types: ints}}, Result: rows.Int,
			Spell: Spelling{DuckDB: "CAST({1} // {2:not zero} AS BIGINT)", Postgres: "CAST({1} / {2:not zero} AS bigint)", BigQuery: "DIV({1}, {2:not zero})", Snowflake: "CAST(({1} - mod({1}, {2:not zero})) / {2:not zero} AS NUMBER(38,0))", Trino: "CAST({1} / {2:not zero} AS BIGINT)"}}}},
	{Name: "least", Group: groupNumber, Doc: "The smallest of the values; texts by their code points.", Nulls: "NULL as soon as one value is NULL", Example: "least(3, 1, 2)", Value: "1", Forms: extreme("least")},
	{Name: "greatest", Group: groupNumber, Doc: "The largest of the values; texts by their code points.", Nulls: "NULL as soon as one value is NULL", Example: "greatest(3, 1, 2)", Value: "3", Forms: extreme("greatest")},
}

var conditionFunctions = []Function{
	{Name: "coalesce", Group: groupCondition, Doc: "The first value that is not NULL.", Nulls: "gone past; NULL where all are", Example: "coalesce(null, 2, 3)", Value: "2",
		Forms: []Form{{Params: []Param{{Name: "x", Types: anything, Common: true}, {Name: "y", Types: anything, Common: true}}, Variadic: true, Spell: every("coalesce({*})")}}},
	{Name: "nullif", Group: groupCondition, Doc: "x, but NULL where it equals y.", Nulls: "x where y is NULL", Example: "nullif('', '')", Value: "NULL",
		Forms: []Form{{Params: []Param{{Name: "x", Types: plain, Common: true}, {Name: "y", Types: plain, Common: true}}, Spell: every("nullif({1}, {2})")}}},
	{Name: "if", Group: groupCondition, Doc: "`then` where the condition is true, else `else`, which is NULL where it is left out.", Nulls: "a condition that is NULL is not true", Example: "if(1 > 2, 'a', 'b')", Value: "b",
		Forms: []Form{{Params: []Param{{Name: "condition", Types: bools}, {Name: "then", Types: anything, Common: true}, {Name: "else", Types: anything, Common: true}}, Optional: 1,
			Spell: every("CASE WHEN {1} THEN {2} ELSE {3} END"), Short: &Spelling{All: "CASE WHEN {1} THEN {2} END"}}}},
}
