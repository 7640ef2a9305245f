package expr

import "github.com/weir-data/weir/internal/rows"

const (
	groupText      = "Text"
	groupPattern   = "Patterns, JSON and hashes"
	groupNumber    = "Numbers"
	groupCondition = "Conditions"
	groupTime      = "Dates and times"
	groupAggregate = "Aggregates"
)

// x is the parameter most functions have.
func x(types []Type) Param { return Param{Name: "x", Types: types} }

// oneText is a form that takes a text and gives one.
func oneText(s Spelling) []Form {
	return []Form{{Params: []Param{x(texts)}, Result: rows.Text, Spell: s}}
}

// twoTexts is a form that takes a text and a part of one.
func twoTexts(result Type, s Spelling) []Form {
	return []Form{{Params: []Param{x(texts), {Name: "part", Types: texts}}, Result: result, Spell: s}}
}

func padding(s Spelling) []Form {
	return []Form{{Params: []Param{x(texts), {Name: "length", Types: ints, Needs: needLength}, {Name: "fill", Types: texts, Needs: needFilled}}, Result: rows.Text, Spell: s}}
}

var textFunctions = []Function{
	{Name: "lower", Group: groupText, Doc: "The text in small letters; letters beyond ASCII as the warehouse knows them.", Example: "lower('Gold')", Value: "gold", Forms: oneText(every("lower({1})"))},
	{Name: "upper", Group: groupText, Doc: "The text in capital letters; letters beyond ASCII as the warehouse knows them.", Example: "upper('Gold')", Value: "GOLD", Forms: oneText(every("upper({1})"))},
	{Name: "trim", Group: groupText, Doc: "The text without blanks, tabs and line breaks at both ends.", Example: "trim('  gold ')", Value: "gold",
		Forms: oneText(Spelling{All: "trim({1}, {blanks})", Postgres: "btrim({1}, {blanks})", Trino: "trim(BOTH {blanks} FROM {1})"})},
	{Name: "ltrim", Group: groupText, Doc: "The text without blanks, tabs and line breaks at its start.", Example: "ltrim('  gold ')", Value: "gold ",
		Forms: oneText(Spelling{All: "ltrim({1}, {blanks})", Trino: "trim(LEADING {blanks} FROM {1})"})},
	{Name: "rtrim", Group: groupText, Doc: "The text without blanks, tabs and line breaks at its end.", Example: "rtrim('  gold ')", Value: "  gold",
		Forms: oneText(Spelling{All: "rtrim({1}, {blanks})", Trino: "trim(TRAILING {blanks} FROM {1})"})},
	{Name: "length", Group: groupText, Doc: "How many characters (Unicode code points) the text has.", Example: "length('café')", Value: "4",
		Forms: []Form{{Params: []Param{x(texts)}, Result: rows.Int, Spell: Spelling{All: "length({1})", Postgres: "CAST(char_length({1}) AS bigint)", BigQuery: "CHAR_LENGTH({1})"}}}},
	{Name: "substring", Group: groupText, Doc: "The characters from `start` on, which counts from 1, at most `length` of them; a start below 1 is 1, a length below 0 is 0.", Example: "substring('warehouse', 5, 3)", Value: "hou",
		Forms: []Form{{Params: []Param{x(texts), {Name: "start", Types: ints}, {Name: "length", Types: ints}}, Optional: 1, Result: rows.Text,
			Spell: every("substr({1}, {2:start}, {3:count})"), Short: &Spelling{All: "substr({1}, {2:start})"}}}},
	{Name: "left", Group: groupText, Doc: "The first `n` characters; none where n is below 0.", Example: "left('warehouse', 4)", Value: "ware",
		Forms: []Form{{Params: []Param{x(texts), {Name: "n", Types: ints}}, Result: rows.Text, Spell: every("substr({1}, 1, {2:count})")}}},
	{Name: "right", Group: groupText, Doc: "The last `n` characters; none where n is below 0.", Example: "right('warehouse', 5)", Value: "house",
		Forms: []Form{{Params: []Param{x(texts), {Name: "n", Types: ints}}, Result: rows.Text,
			Spell: Spelling{All: "right({1}, {2:count})", Trino: "substr({1}, greatest(length({1}) - {2:count}, 0) + 1)"}}}},
	{Name: "replace", Group: groupText, Doc: "The text with every `from` replaced by `to`; an empty `from` replaces nothing.", Example: "replace('a-b-c', '-', '/')", Value: "a/b/c",
		Forms: []Form{{Params: []Param{x(texts), {Name: "from", Types: texts}, {Name: "to", Types: texts}}, Result: rows.Text,
			Spell: Spelling{All: "replace({1}, {2}, {3})", Trino: "CASE WHEN {3} IS NULL THEN NULL WHEN {2} = '' THEN {1} ELSE replace({1}, {2}, {3}) END"}}}},
	{Name: "concat", Group: groupText, Doc: "The texts one after the other.", Nulls: "left out; `||` gives NULL where one side is NULL", Example: "concat('a', null, 'b')", Value: "ab",
		Forms: []Form{{Params: []Param{x(texts), {Name: "y", Types: texts}}, Variadic: true, Result: rows.Text,
			Spell: Spelling{All: "concat({*:blank})", DuckDB: "concat({*})", Postgres: "concat({*})"}}}},
	{Name: "starts_with", Group: groupText, Doc: "Whether the text starts with `part`.", Example: "starts_with('warehouse', 'ware')", Value: "true",
		Forms: twoTexts(rows.Bool, Spelling{All: "starts_with({1}, {2})", Snowflake: "startswith({1}, {2})"})},
	{Name: "ends_with", Group: groupText, Doc: "Whether the text ends with `part`.", Example: "ends_with('warehouse', 'house')", Value: "true",
		Forms: twoTexts(rows.Bool, Spelling{All: "ends_with({1}, {2})", Postgres: "(right({1}, length({2})) = {2})", Snowflake: "endswith({1}, {2})", Trino: "(substr({1}, -length({2})) = {2})"})},
	{Name: "contains", Group: groupText, Doc: "Whether `part` stands somewhere in the text.", Example: "contains('warehouse', 'hou')", Value: "true",
		Forms: twoTexts(rows.Bool, Spelling{All: "(strpos({1}, {2}) > 0)", DuckDB: "contains({1}, {2})", Snowflake: "contains({1}, {2})"})},
	{Name: "position", Group: groupText, Doc: "Where `part` first stands in the text, from 1; 0 where it does not.", Example: "position('warehouse', 'hou')", Value: "5",
		Forms: twoTexts(rows.Int, Spelling{All: "strpos({1}, {2})", Postgres: "CAST(strpos({1}, {2}) AS bigint)", Snowflake: "position({2}, {1})"})},
	{Name: "split_part", Group: groupText, Doc: "The n-th part of the text, from 1, between separators; '' where there are fewer.", Example: "split_part('a@b.example', '@', 2)", Value: "b.example",
		Forms: []Form{{Params: []Param{x(texts), {Name: "separator", Types: texts, Needs: needFilled}, {Name: "n", Types: ints, Needs: needPart}}, Result: rows.Text,
			Spell: Spelling{All: "split_part({1}, {2}, {3})", BigQuery: "CASE WHEN {1} IS NOT NULL THEN COALESCE(SPLIT({1}, {2})[SAFE_ORDINAL({3})], '') END",
				Trino: "CASE WHEN {1} IS NOT NULL THEN COALESCE(split_part({1}, {2}, {3}), '') END"}}}},
	{Name: "lpad", Group: groupText, Doc: "The text brought to `length` characters: filled at its start, or cut at its end.", Example: "lpad('7', 3, '0')", Value: "007", Forms: padding(every("lpad({1}, {2}, {3})"))},
	{Name: "rpad", Group: groupText, Doc: "The text brought to `length` characters: filled or cut at its end.", Example: "rpad('7', 3, '.')", Value: "7..", Forms: padding(every("rpad({1}, {2}, {3})"))},
	{Name: "reverse", Group: groupText, Doc: "The characters from the last to the first.", Example: "reverse('abc')", Value: "cba", Forms: oneText(every("reverse({1})"))},
}

var patternFunctions = []Function{
	{Name: "regexp_contains", Group: groupPattern, Doc: "Whether the pattern matches somewhere in the text.", Example: "regexp_contains('SKU-42', '[0-9]+$')", Value: "true",
		Forms: []Form{{Params: []Param{x(texts), {Name: "pattern", Types: texts, Needs: needPattern}}, Result: rows.Bool,
			Spell: Spelling{DuckDB: "regexp_matches({1}, {2:pattern})", Postgres: "({1} ~ {2:pattern})", BigQuery: "REGEXP_CONTAINS({1}, {2:pattern})", Snowflake: "(REGEXP_INSTR({1}, {2:pattern}) > 0)", Trino: "regexp_like({1}, {2:pattern})"}}}},
	{Name: "regexp_extract", Group: groupPattern, Doc: "What the first ( ) of the pattern matched, or all of it where it has none; NULL where nothing matched or the match is empty.", Example: "regexp_extract('SKU-42', '-([0-9]+)')", Value: "42",
		Forms: []Form{{Params: []Param{x(texts), {Name: "pattern", Types: texts, Needs: needPattern}}, Result: rows.Text,
			Spell: Spelling{DuckDB: "nullif(regexp_extract({1}, {2:pattern}, {2:group}), '')", Postgres: "nullif((regexp_match({1}, {2:whole}))[{2:outer}], '')", BigQuery: "NULLIF(REGEXP_EXTRACT({1}, {2:single}), '')",
				Snowflake: "NULLIF(REGEXP_SUBSTR({1}, {2:whole}, 1, 1, 'ce', {2:outer}), '')", Trino: "nullif(regexp_extract({1}, {2:pattern}, {2:group}), '')"}}}},
	{Name: "regexp_replace", Group: groupPattern, Doc: "The text with every match replaced; \\1 to \\9 in the replacement are what the pattern's ( ) matched.", Example: "regexp_replace('+44 20 79', '[^0-9]', '')", Value: "442079",
		Forms: []Form{{Params: []Param{x(texts), {Name: "pattern", Types: texts, Needs: needMatching}, {Name: "replacement", Types: texts, Needs: needReplacement}}, Result: rows.Text,
			Spell: Spelling{All: "regexp_replace({1}, {2:pattern}, {3:replacement})", DuckDB: "regexp_replace({1}, {2:pattern}, {3:replacement}, 'g')", Postgres: "regexp_replace({1}, {2:pattern}, {3:replacement}, 'g')"}}}},
	{Name: "json_text", Group: groupPattern, Doc: "A text, number or truth value inside a JSON value, as text; NULL where it is absent, null, a list or an object. A path is names with dots, and [0] for the first of a list; a name with other characters is written [\"so\"].",
		Example: "json_text(properties, 'plan.name')", Forms: []Form{{Params: []Param{x(jsons), {Name: "path", Types: texts, Needs: needPath}}, Result: rows.Text,
			Spell: Spelling{DuckDB: "CASE WHEN json_type({1}, {2:path}) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string({1}, {2:path}) END",
				Postgres:  "CASE WHEN jsonb_typeof(CAST({1} AS jsonb) #> {2:path}) IN ('string', 'number', 'boolean') THEN CAST({1} AS jsonb) #>> {2:path} END",
				BigQuery:  "JSON_VALUE({1}, {2:path})",
				Snowflake: "CASE WHEN TYPEOF({1}{2:path}) NOT IN ('OBJECT', 'ARRAY', 'NULL_VALUE') THEN TO_VARCHAR({1}{2:path}) END",
				Trino:     "json_extract_scalar({1}, {2:path})"}}}},
	{Name: "md5", Group: groupPattern, Doc: "The MD5 of the text's UTF-8 bytes, 32 hex digits in small letters.", Example: "md5('a')", Value: "0cc175b9c0f1b6a831c399e269772661",
		Forms: oneText(Spelling{All: "md5({1})", BigQuery: "TO_HEX(MD5({1}))", Trino: "lower(to_hex(md5(to_utf8({1}))))"})},
	{Name: "sha256", Group: groupPattern, Doc: "The SHA-256 of the text's UTF-8 bytes, 64 hex digits in small letters.", Example: "left(sha256('a'), 8)", Value: "ca978112",
		Forms: oneText(Spelling{All: "sha256({1})", Postgres: "encode(sha256(convert_to({1}, 'UTF8')), 'hex')", BigQuery: "TO_HEX(SHA256({1}))", Snowflake: "sha2({1}, 256)", Trino: "lower(to_hex(sha256(to_utf8({1}))))"})},
}
