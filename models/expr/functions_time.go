package expr

import "github.com/weir-data/weir/internal/rows"

// field is a function that reads one part of a date or a timestamp.
func field(types []Type, s Spelling) []Form {
	return []Form{{Params: []Param{x(types)}, Result: rows.Int, Spell: s}}
}

// part spells a field where only PostgreSQL and BigQuery differ, by their word for it.
func part(name, postgres, bigquery string) Spelling {
	return Spelling{All: name + "({1})", Postgres: "CAST(extract(" + postgres + " FROM {1}) AS bigint)", BigQuery: "EXTRACT(" + bigquery + " FROM {1})"}
}

// truncating are the forms of date_trunc. Where a week starts is a setting in
// Snowflake, so there it is reckoned.
func truncating() []Form {
	form := func(needs *demand, types []Type, s Spelling) Form {
		return Form{Params: []Param{{Name: "unit", Types: texts, Needs: needs}, x(types)}, Result: types[0], Spell: s}
	}
	day := Spelling{DuckDB: "CAST(date_trunc({1:unit}, {2}) AS DATE)", Postgres: "CAST(date_trunc({1:unit}, CAST({2} AS timestamp)) AS date)", BigQuery: "DATE_TRUNC({2}, {1:truncated})",
		Snowflake: "date_trunc({1:unit}, {2})", Trino: "date_trunc({1:unit}, {2})"}
	moment := Spelling{All: "date_trunc({1:unit}, {2})", BigQuery: "TIMESTAMP_TRUNC({2}, {1:truncated})"}
	week := func(s Spelling) Spelling {
		s.Snowflake = "dateadd('day', 1 - dayofweekiso({2}), date_trunc('day', {2}))"
		return s
	}
	return []Form{form(needWeek, dates, week(day)), form(needWeek, timestamps, week(moment)), form(needCalendar, dates, day), form(needUnit, timestamps, moment)}
}

// adding are the forms of date_add.
func adding() []Form {
	form := func(needs *demand, types []Type, s Spelling) Form {
		return Form{Params: []Param{{Name: "unit", Types: texts, Needs: needs}, {Name: "n", Types: ints}, x(types)}, Result: types[0], Spell: s}
	}
	s := Spelling{DuckDB: "({3} + {2} * {1:interval})", Postgres: "({3} + {2} * {1:interval})", Snowflake: "dateadd({1:unit}, {2}, {3})", Trino: "date_add({1:unit}, {2}, {3})"}
	day, calendar, clock := s, s, s
	day.DuckDB, day.Postgres = "CAST({3} + {2} * {1:interval} AS DATE)", "CAST({3} + {2} * {1:interval} AS date)"
	day.BigQuery, calendar.BigQuery, clock.BigQuery = "DATE_ADD({3}, INTERVAL {2} {1:part})", "TIMESTAMP(DATETIME_ADD(DATETIME({3}), INTERVAL {2} {1:part}))", "TIMESTAMP_ADD({3}, INTERVAL {2} {1:part})"
	return []Form{form(needCalendar, dates, day), form(needCalendar, timestamps, calendar), form(needClock, timestamps, clock)}
}

// differing are the forms of date_diff: how many times a new unit begins
// between two moments. Engines disagree on it, so most reckon it.
func differing() []Form {
	form := func(needs *demand, types []Type, as Type, s Spelling) Form {
		return Form{Params: []Param{{Name: "unit", Types: texts, Needs: needs}, {Name: "from", Types: types, As: as}, {Name: "to", Types: types, As: as}}, Result: rows.Int, Spell: s}
	}
	whole := Spelling{DuckDB: "date_diff({1:unit}, {2:date}, {3:date})", BigQuery: "DATE_DIFF({3:date}, {2:date}, {1:truncated})", Snowflake: "datediff({1:unit}, {2:date}, {3:date})",
		Trino: "date_diff({1:unit}, date_trunc({1:unit}, {2:date}), date_trunc({1:unit}, {3:date}))"}
	day, week, month, year := whole, whole, whole, whole
	day.Postgres, day.Trino = "CAST({3:date} - {2:date} AS bigint)", "date_diff('day', {2:date}, {3:date})"
	week.DuckDB = "CAST(date_diff('day', date_trunc('week', {2:date}), date_trunc('week', {3:date})) // 7 AS BIGINT)"
	week.Postgres = "CAST((CAST(date_trunc('week', CAST({3} AS timestamp)) AS date) - CAST(date_trunc('week', CAST({2} AS timestamp)) AS date)) / 7 AS bigint)"
	week.Snowflake = "CAST(datediff('day', dateadd('day', 1 - dayofweekiso({2:date}), {2:date}), dateadd('day', 1 - dayofweekiso({3:date}), {3:date})) / 7 AS NUMBER(38,0))"
	month.Postgres = "CAST((extract(YEAR FROM {3}) - extract(YEAR FROM {2})) * {1:a year} + extract({1:part} FROM {3}) - extract({1:part} FROM {2}) AS bigint)"
	year.Postgres = "CAST(extract(YEAR FROM {3}) - extract(YEAR FROM {2}) AS bigint)"
	clock := Spelling{DuckDB: "date_diff({1:unit}, {2}, {3})", Postgres: "CAST((extract(EPOCH FROM date_trunc({1:unit}, {3})) - extract(EPOCH FROM date_trunc({1:unit}, {2}))) / {1:seconds} AS bigint)",
		BigQuery: "TIMESTAMP_DIFF(TIMESTAMP_TRUNC({3}, {1:part}), TIMESTAMP_TRUNC({2}, {1:part}), {1:part})", Snowflake: "datediff({1:unit}, {2}, {3})",
		Trino: "date_diff({1:unit}, date_trunc({1:unit}, {2}), date_trunc({1:unit}, {3}))"}
	return []Form{form(needDay, times, untyped, day), form(needWeek, times, untyped, week), form(needMonth, times, untyped, month), form(needYear, times, untyped, year), form(needClock, times, rows.Timestamp, clock)}
}

// zoned is a form that takes a value and a time zone.
func zoned(types []Type, result Type, s Spelling) []Form {
	return []Form{{Params: []Param{x(types), {Name: "zone", Types: texts, Needs: needZone}}, Result: result, Spell: s}}
}

const (
	localTime  = "(({1} AT TIME ZONE 'UTC') AT TIME ZONE {2})" // DuckDB and PostgreSQL
	localTrino = "at_timezone(with_timezone({1}, 'UTC'), {2})"
	localSnow  = "convert_timezone('UTC', {2}, {1})"
	startOfDay = "((CAST({1} AS TIMESTAMP) AT TIME ZONE {2}) AT TIME ZONE 'UTC')"
)

var timeFunctions = []Function{
	{Name: "as_of", Group: groupTime, Doc: "The moment that a generation is built for: the one now, the same in every expression and every row.", Example: "as_of()", Forms: []Form{{Result: rows.Timestamp, Spell: every("{as of}")}}},
	{Name: "date_trunc", Group: groupTime, Doc: "The start of the unit that x lies in; a week starts on Monday, a timestamp is cut in UTC.", Example: "date_trunc('month', date '2026-05-17')", Value: "2026-05-01", Forms: truncating()},
	{Name: "date_add", Group: groupTime, Doc: "n units later, or earlier where n is negative; a day that a month does not have becomes its last.", Example: "date_add('month', 1, date '2026-01-31')", Value: "2026-02-28", Forms: adding()},
	{Name: "date_diff", Group: groupTime, Doc: "How many units begin after `from` and up to `to`: from 23:59 to 00:01 is one day. Weeks begin on Monday, all in UTC.", Example: "date_diff('day', date '2026-01-31', date '2026-03-01')", Value: "29", Forms: differing()},
	{Name: "year", Group: groupTime, Doc: "The year.", Example: "year(date '2026-05-17')", Value: "2026", Forms: field(times, part("year", "YEAR", "YEAR"))},
	{Name: "quarter", Group: groupTime, Doc: "The quarter, 1 to 4.", Example: "quarter(date '2026-05-17')", Value: "2", Forms: field(times, part("quarter", "QUARTER", "QUARTER"))},
	{Name: "month", Group: groupTime, Doc: "The month, 1 to 12.", Example: "month(date '2026-05-17')", Value: "5", Forms: field(times, part("month", "MONTH", "MONTH"))},
	{Name: "week", Group: groupTime, Doc: "The ISO week, 1 to 53.", Example: "week(date '2026-01-01')", Value: "1",
		Forms: field(times, Spelling{All: "week({1})", Postgres: "CAST(extract(WEEK FROM {1}) AS bigint)", BigQuery: "EXTRACT(ISOWEEK FROM {1})", Snowflake: "weekiso({1})"})},
	{Name: "day", Group: groupTime, Doc: "The day of the month, 1 to 31.", Example: "day(date '2026-05-17')", Value: "17", Forms: field(times, part("day", "DAY", "DAY"))},
	{Name: "day_of_week", Group: groupTime, Doc: "The day of the week: Monday is 1, Sunday 7.", Example: "day_of_week(date '2026-05-17')", Value: "7",
		Forms: field(times, Spelling{DuckDB: "isodow({1})", Postgres: "CAST(extract(ISODOW FROM {1}) AS bigint)", BigQuery: "(MOD(EXTRACT(DAYOFWEEK FROM {1}) + 5, 7) + 1)", Snowflake: "dayofweekiso({1})", Trino: "day_of_week({1})"})},
	{Name: "day_of_year", Group: groupTime, Doc: "The day of the year, 1 to 366.", Example: "day_of_year(date '2026-02-01')", Value: "32",
		Forms: field(times, Spelling{DuckDB: "dayofyear({1})", Postgres: "CAST(extract(DOY FROM {1}) AS bigint)", BigQuery: "EXTRACT(DAYOFYEAR FROM {1})", Snowflake: "dayofyear({1})", Trino: "day_of_year({1})"})},
	{Name: "hour", Group: groupTime, Doc: "The hour in UTC, 0 to 23; local_hour is the one of a time zone.", Example: "hour(timestamp '2026-05-17 08:30:59')", Value: "8", Forms: field(timestamps, part("hour", "HOUR", "HOUR"))},
	{Name: "minute", Group: groupTime, Doc: "The minute, 0 to 59.", Example: "minute(timestamp '2026-05-17 08:30:59')", Value: "30", Forms: field(timestamps, part("minute", "MINUTE", "MINUTE"))},
	{Name: "second", Group: groupTime, Doc: "The second, 0 to 59, without its fraction.", Example: "second(timestamp '2026-05-17 08:30:59')", Value: "59",
		Forms: field(timestamps, Spelling{All: "second({1})", Postgres: "CAST(floor(extract(SECOND FROM {1})) AS bigint)", BigQuery: "EXTRACT(SECOND FROM {1})"})},
	{Name: "local_date", Group: groupTime, Doc: "The date that a timestamp falls on in a time zone.", Example: "local_date(timestamp '2026-06-30 23:30:00', 'Europe/London')", Value: "2026-07-01",
		Forms: zoned(timestamps, rows.Date, Spelling{DuckDB: "CAST(" + localTime + " AS DATE)", Postgres: "CAST(" + localTime + " AS date)", BigQuery: "DATE({1}, {2})", Snowflake: "CAST(" + localSnow + " AS DATE)", Trino: "CAST(" + localTrino + " AS DATE)"})},
	{Name: "local_hour", Group: groupTime, Doc: "The hour that a timestamp falls in in a time zone, 0 to 23.", Example: "local_hour(timestamp '2026-06-30 23:30:00', 'Europe/London')", Value: "0",
		Forms: zoned(timestamps, rows.Int, Spelling{DuckDB: "hour(" + localTime + ")", Postgres: "CAST(extract(HOUR FROM " + localTime + ") AS bigint)", BigQuery: "EXTRACT(HOUR FROM {1} AT TIME ZONE {2})", Snowflake: "hour(" + localSnow + ")", Trino: "hour(" + localTrino + ")"})},
	{Name: "start_of_day", Group: groupTime, Doc: "The moment at which a date begins in a time zone.", Example: "start_of_day(date '2026-07-01', 'Europe/London')", Value: "2026-06-30T23:00:00.000000Z",
		Forms: zoned(dates, rows.Timestamp, Spelling{DuckDB: startOfDay, Postgres: startOfDay, BigQuery: "TIMESTAMP({1}, {2})", Snowflake: "convert_timezone({2}, 'UTC', CAST({1} AS TIMESTAMP_NTZ(6)))",
			Trino: "CAST(at_timezone(with_timezone(CAST({1} AS TIMESTAMP(6)), {2}), 'UTC') AS TIMESTAMP(6))"})},
	{Name: "epoch_seconds", Group: groupTime, Doc: "Whole seconds since 1970-01-01 in UTC, the fraction cut downwards.", Example: "epoch_seconds(timestamp '1970-01-02 00:00:00')", Value: "86400",
		Forms: []Form{{Params: []Param{x(timestamps)}, Result: rows.Int, Spell: Spelling{DuckDB: "CAST(floor(epoch({1})) AS BIGINT)", Postgres: "CAST(floor(extract(EPOCH FROM {1})) AS bigint)", BigQuery: "UNIX_SECONDS({1})",
			Snowflake: "CAST(floor(date_part(epoch_microsecond, {1}) / 1000000) AS NUMBER(38,0))", Trino: "CAST(floor(to_unixtime(with_timezone({1}, 'UTC'))) AS BIGINT)"}}}},
	{Name: "from_epoch", Group: groupTime, Doc: "The timestamp so many seconds after 1970-01-01 in UTC.", Example: "from_epoch(86400)", Value: "1970-01-02T00:00:00.000000Z",
		Forms: []Form{{Params: []Param{x(ints)}, Result: rows.Timestamp, Spell: Spelling{DuckDB: "make_timestamp({1:typed} * 1000000)", Postgres: "(to_timestamp({1}) AT TIME ZONE 'UTC')", BigQuery: "TIMESTAMP_SECONDS({1})",
			Snowflake: "CAST(to_timestamp_ntz({1}, 0) AS TIMESTAMP_NTZ(6))", Trino: "CAST(from_unixtime({1}, 'UTC') AS TIMESTAMP(6))"}}}},
}
