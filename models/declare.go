package models

import (
	"github.com/weir-data/weir/config"
)

// The fields of every noun, declared once: decoding, linting, the reference
// and the JSON Schema come from here.

func text(name, doc string) config.Field {
	return config.Field{Name: name, Kind: config.String, Doc: doc}
}

func flag(name, def, doc string) config.Field {
	return config.Field{Name: name, Kind: config.Bool, Default: def, Doc: doc}
}

func texts(name, doc string) config.Field {
	return config.Field{Name: name, Kind: config.List, Of: &config.Field{Name: name, Kind: config.String, Doc: "one of them"}, Doc: doc}
}

func later(name, why string) config.Field {
	return config.Field{Name: name, Kind: config.Any, NotYet: why, Doc: "Not built yet: " + why + "."}
}

func oneOf(name, def, doc string, values ...string) config.Field {
	return config.Field{Name: name, Kind: config.String, Default: def, Enum: values, Doc: doc}
}

// meta is what every named thing carries.
func meta() []config.Field {
	return []config.Field{
		{Name: "name", Kind: config.String, Required: true, Example: "customers", Doc: "Its name: a lower-case letter, then letters, digits and underscores; unique among its kind."},
		text("label", "How people call it."),
		text("description", "What it is, in a sentence."),
		text("owner", "Who answers for it."),
		texts("tags", "Words to select it by (`--select tag:x`)."),
		flag("enabled", "true", "False leaves it out of runs."),
	}
}

func columnFields() []config.Field {
	return []config.Field{
		{Name: "name", Kind: config.String, Required: true, Example: "email", Doc: "The column."},
		oneOf("type", "", "The type it must have; number takes every kind of number.", "text", "bigint", "double", "decimal", "number", "bool", "date", "timestamp", "json", "list"),
		flag("not_null", "false", "No row may have NULL."),
		flag("unique", "false", "No two rows may have the same value."),
		text("unit", "What its numbers count: GBP, days."),
		text("pii", "What personal data it holds: name, email, phone. A sync that maps it must say why it may."),
		texts("values", "The values it may have."),
	}
}

func sourceFields() []config.Field {
	return append(meta(),
		config.Field{Name: "table", Kind: config.String, Example: "shop.orders", Doc: "A table or view of the warehouse. One of table, files and sql."},
		config.Field{Name: "files", Kind: config.String, Vars: true, Example: "data/orders/*.csv", Doc: "Files by a glob, relative to the project: CSV (also .gz), Parquet, JSON. DuckDB only."},
		config.Field{Name: "sql", Kind: config.Map, Short: "default", Of: &config.Field{Name: "sql", Kind: config.String, Doc: "The query in that dialect."}, Doc: "A SELECT, or one a dialect with `default:`; other sources stand in it as {name}."},
		config.Field{Name: "primary_key", Kind: config.List, Required: true, Of: &config.Field{Name: "primary_key", Kind: config.String, Doc: "a column"}, Example: "order_id", Doc: "The column, or columns, that tell rows apart."},
		text("occurred_at", "The column that says when a row happened."),
		text("zone", "The time zone of timestamps that have none; UTC otherwise."),
		config.Field{Name: "columns", Kind: config.List, Of: &config.Field{Name: "columns", Kind: config.Object, Fields: columnFields(), Doc: "One column."}, Doc: "The contract: a breach stops the run before anything is sent."},
		config.Field{Name: "freshness", Kind: config.Object, Doc: "How old the source may be.", Fields: []config.Field{
			{Name: "column", Kind: config.String, Required: true, Example: "loaded_at", Doc: "The column whose newest value counts."},
			{Name: "warn", Kind: config.Duration, Example: "6h", Doc: "Older than this is noted in the run."},
			{Name: "hold", Kind: config.Duration, Example: "24h", Doc: "Older than this, nothing is sent."},
		}},
		later("dbt", "name the table that dbt makes with `table:`"),
		later("event", "how an event reads is for segments"),
		later("identifiers", "profiles are not stitched"),
	)
}

func destinationFields(own []config.Field) []config.Field {
	return append(append(meta(),
		config.Field{Name: "type", Kind: config.String, Required: true, Example: "webhook", Doc: "The kind of destination."},
		config.Field{Name: "account", Kind: config.String, Doc: "A name for the account, when the destination cannot tell it. The ledger is bound to it."},
	), own...)
}

func mappingFields() []config.Field {
	return []config.Field{
		text("from", "The column of the source. One of from and value."),
		{Name: "value", Kind: config.Scalar, Example: "lead", Doc: "A constant, sent as it is typed here."},
		{Name: "set", Kind: config.String, Default: "always", Enum: []string{"always", "created"}, Later: []string{"empty"}, Doc: "When it is sent: always, or only when the record is created."},
		oneOf("nulls", "", "What a NULL does; without it, a value that was ours is cleared and nothing else is touched.", "skip", "clear"),
	}
}

func limit(name, doc string) config.Field {
	return config.Field{Name: name, Kind: config.Object, Short: "limit", Doc: doc, Example: "10%", Fields: []config.Field{
		{Name: "limit", Kind: config.String, Example: "10%", Doc: "The short form: a share of the ledger (10%), or a number of rows (5000)."},
		{Name: "share", Kind: config.Share, Example: "10%", Doc: "The share of the ledger."},
		{Name: "rows", Kind: config.Int, Example: "5000", Doc: "The number of rows. With a share, both must be exceeded."},
	}}
}

func syncFields() []config.Field {
	mapping := &config.Field{Name: "field", Kind: config.Object, Short: "from", Fields: mappingFields(), Doc: "Where its value comes from."}
	return append(meta(),
		config.Field{Name: "from", Kind: config.String, Required: true, Example: "orders", Doc: "The source it reads."},
		config.Field{Name: "to", Kind: config.String, Required: true, Example: "crm", Doc: "The destination it writes to."},
		text("object", "The object there, where the destination has several."),
		oneOf("mode", "", "What it may do there: upsert (default of records), update, insert, mirror (upsert, and remove what left), remove; append (events).", "upsert", "update", "insert", "mirror", "remove", "append"),
		config.Field{Name: "match", Kind: config.Map, Of: &config.Field{Name: "match", Kind: config.String, Doc: "the column"}, Example: "{email: email}", Doc: "How the destination finds the record: its field, and the column. Without it the key itself counts."},
		config.Field{Name: "fields", Kind: config.Map, Of: mapping, Example: "{first_name: name}", Doc: "The mapped fields: the destination's name, and the column."},
		config.Field{Name: "event", Kind: config.Object, Doc: "For mode append: which rows are new events.", Fields: []config.Field{
			text("id", "The column that tells events apart; it must be the source's primary key."),
			text("at", "The column of the moment; the source's occurred_at otherwise."),
			text("name", "What the destination calls the event."),
			{Name: "start", Kind: config.String, Default: "now", Example: "2026-01-01", Doc: "From when on: now, all, or a date."},
			{Name: "lookback", Kind: config.Duration, Default: "3d", Doc: "How late a row may come and still be sent."},
			{Name: "keep", Kind: config.Duration, Default: "30d", Doc: "How long the ledger remembers an event; at least lookback."},
		}},
		texts("purposes", "Why the data may be used; all of them must hold. Needed as soon as personal data is mapped."),
		config.Field{Name: "consent", Kind: config.Object, Doc: "Why no consent is looked up.", Fields: []config.Field{
			{Name: "exempt", Kind: config.String, Required: true, Example: "contract with business customers", Doc: "The reason, shown in every plan."},
		}},
		config.Field{Name: "schedule", Kind: config.Object, Doc: "When it runs by itself. It is checked; `weir serve`, which keeps it, is not built yet.", Fields: []config.Field{
			{Name: "cron", Kind: config.String, Example: `"*/15 * * * *"`, Doc: "Five fields: minute, hour, day, month, weekday. One of cron, every and after."},
			{Name: "every", Kind: config.Duration, Example: "15m", Doc: "An interval of a minute or more."},
			texts("after", "Syncs it follows."),
			text("timezone", "The zone of cron; the project's otherwise."),
			{Name: "jitter", Kind: config.Duration, Doc: "Spreads starts over this time."},
		}},
		config.Field{Name: "guards", Kind: config.Object, Doc: "What holds a dangerous run.", Fields: []config.Field{
			limit("max_removed", "More removals than this are held; the rest is sent. For mirror, 20% and more than 50 rows unless you say otherwise."),
			limit("max_added", "More additions than this hold the run."),
			limit("max_changed", "More changes than this hold the run."),
			limit("max_invalid", "More rows that cannot be sent than this hold the run; the share is of the rows read."),
			{Name: "min_rows", Kind: config.Int, Example: "100", Doc: "Fewer wanted rows than this hold the run."},
			{Name: "max_requests", Kind: config.Int, Example: "10000", Doc: "More requests than this hold the run."},
			oneOf("hold", "removals", "What max_removed holds: the removals, or the whole run.", "removals", "run"),
		}},
		config.Field{Name: "on_duplicate", Kind: config.Object, Doc: "What happens to rows that share a key or a match.", Fields: []config.Field{
			oneOf("key", "hold", "hold leaves them out and tells, first takes one, fail stops the run.", "fail", "hold", "first"),
			oneOf("match", "hold", "The same for a match.", "fail", "hold", "first"),
			texts("order_by", "Which comes first: columns, each with desc or not."),
		}},
		oneOf("on_gone", "park", "What a record that vanished there becomes: parked and tried again, recreated, or forgotten.", "park", "recreate", "forget"),
		oneOf("on_unknown", "hold", "What a request without an answer becomes where it may not be repeated.", "hold", "resend"),
		oneOf("remove", "any", "What a mirror may remove: any record it has, or only those that Weir made.", "any", "created"),
		oneOf("on_unmap", "leave", "What becomes of a field that is no longer mapped: left as it is there, or cleared.", "leave", "clear"),
		oneOf("keep", "fields", "What the ledger keeps of a record: its acknowledged values, or only what identifies it and a hash. Without the values a changed record is sent whole, one that becomes NULL is cleared only where the field says `nulls: clear`, and a change of the mapping sends every record again.", "fields", "identifiers"),
		flag("yields", "false", "Another sync may set the same fields."),
		later("audience", "no destination keeps audiences"),
		later("identifiers", "profiles are not stitched"),
		later("refresh", "no destination keeps audiences"),
		later("on_withdrawal", "no consent is looked up"),
		later("priority", "syncs run in the order of their files"),
		later("max_duration", "`defaults: {max_duration: …}` sets it for all"),
	)
}

func warehouseFields(own []config.Field) []config.Field {
	return append([]config.Field{{Name: "type", Kind: config.String, Required: true, Example: "duckdb", Doc: "The kind of warehouse."}}, own...)
}

func targetFields() []config.Field {
	return []config.Field{
		{Name: "warehouse", Kind: config.Any, Raw: true, Required: true, Example: "{type: duckdb, path: acme.duckdb}", Doc: "The warehouse: its type and that type's settings."},
		{Name: "schema", Kind: config.String, Default: "weir", Doc: "The schema Weir may write to."},
		flag("live", "false", "True reaches real accounts; otherwise every destination is its sandbox."),
		later("state", "the ledger lives in the target's schema"),
	}
}

func rootFields() []config.Field {
	any := func(name, doc string) config.Field {
		return config.Field{Name: name, Kind: config.Any, Raw: true, Doc: doc}
	}
	return []config.Field{
		{Name: "version", Kind: config.Int, Doc: "The version of this format: 1."},
		text("name", "The project's name."),
		text("timezone", "The project's time zone (IANA); UTC otherwise."),
		{Name: "target", Kind: config.String, Doc: "The target that is worked on unless --target or WEIR_TARGET says otherwise."},
		{Name: "targets", Kind: config.Map, Of: &config.Field{Name: "target", Kind: config.Object, Fields: targetFields(), Doc: "One target."}, Doc: "Where Weir works: a warehouse, a schema in it, and whether it is live."},
		texts("purposes", "Why data may be used; syncs name them."),
		{Name: "defaults", Kind: config.Object, Doc: "What holds for every run.", Fields: []config.Field{
			{Name: "lease", Kind: config.Duration, Default: "60s", Doc: "How long a run's lease lasts unless renewed."},
			{Name: "max_duration", Kind: config.Duration, Doc: "A run that takes longer is stopped; the next one goes on."},
		}},
		any("sources", "Where rows come from."),
		any("destinations", "Where rows go."),
		any("syncs", "A source mapped to a destination."),
		{Name: "moved", Kind: config.List, Of: &config.Field{Name: "moved", Kind: config.Object, Doc: "One rename.", Fields: []config.Field{
			{Name: "sync", Kind: config.String, Required: true, Doc: "The old name."},
			{Name: "to", Kind: config.String, Required: true, Doc: "The new name."},
		}}, Doc: "Syncs that have another name now: their ledgers go on."},
		{Name: "retired", Kind: config.List, Of: &config.Field{Name: "retired", Kind: config.Object, Doc: "One deletion.", Fields: []config.Field{
			{Name: "sync", Kind: config.String, Required: true, Doc: "The sync that is no longer declared."},
			oneOf("then", "keep", "What becomes of its records: removed there, or kept.", "remove", "keep"),
		}}, Doc: "Syncs that are gone, and what becomes of what they sent."},
		later("entities", "a sync reads a source"),
		later("relations", "a sync reads a source"),
		later("traits", "a sync reads a source; compute the column there"),
		later("segments", "a sync reads a source; write the condition there"),
		later("tests", "nothing runs them"),
	}
}
