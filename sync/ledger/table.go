// Package ledger is Weir's memory: what each destination has acknowledged, as
// tables in the target's schema. Acknowledgements are only appended (the
// journal) and folded into the ledger by statements that may be repeated, so
// that a process killed anywhere loses nothing.
package ledger

import (
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// SchemaVersion is the version of the tables below. A newer one found in the
// warehouse is refused: an older binary must not write to it.
const SchemaVersion = 1

// Column is one column of Weir's tables, with the sentence the reference prints.
type Column struct {
	Name string
	Type rows.Type
	Doc  string
}

// Layout is one of Weir's tables.
type Layout struct {
	Name    string // without the prefix; "ledger_<s>" for one a sync
	Doc     string
	Columns []Column
}

// keyed stand for types that depend on the sync or the engine.
const (
	keyType  rows.Type = 100 // bigint or text, fixed at creation
	hashType rows.Type = 101 // the dialect's
)

var stateColumns = []Column{
	{"entity_id", rows.Text, "the entity's id, for erasure and merges; NULL for syncs from a source"},
	{"state", rows.Text, "acked, pending (a job has not answered), unknown (sent, no answer, not repeated blindly) or parked (refused, waits)"},
	{"present", rows.Bool, "the destination has it because of us: true; false: never accepted, or it was there before us; NULL while pending or unknown"},
	{"created", rows.Bool, "Weir made the record; NULL where the destination does not say"},
	{"acked_hash", hashType, "hash of what the destination has"},
	{"settled_hash", hashType, "hash last decided on: acknowledged, refused or pending"},
	{"fields", rows.Text, "the acknowledged values as a JSON object: a name absent was never ours, null was cleared by us"},
	{"match", rows.Text, "how the record was found when it was acknowledged"},
	{"remote_id", rows.Text, "the destination's own id"},
	{"members", rows.TextList, "audiences: the acknowledged identifiers, sorted"},
	{"request_id", rows.Text, "the request that carried it, for jobs"},
	{"code", rows.Text, "why it is parked, or why its removal was refused"},
	{"field", rows.Text, "the field the destination complained of"},
	{"message", rows.Text, "what the destination said, redacted, at most 300 bytes"},
	{"attempts", rows.Int, "how often it was refused since it last changed"},
	{"retry_at", rows.Timestamp, "when it is tried again by itself; NULL: when the row changes or `weir retry` says so"},
	{"gone_at", rows.Timestamp, "it left the source, and the mode keeps it"},
	{"acked_at", rows.Timestamp, "when the destination acknowledged it"},
}

var origin = []Column{
	{"run_id", rows.Text, "the run the fact comes from"},
	{"fence", rows.Int, "the lease it was learnt under; the greater (fence, seq) wins"},
	{"seq", rows.Int, "its place in that run"},
}

// LedgerLayout is the layout of one sync's ledger: one row per key.
var LedgerLayout = Layout{"ledger_<s>", "What the destination has acknowledged, one row per key.",
	append(append([]Column{{"key", keyType, "what the row is: the source's primary key"}}, stateColumns...), origin...)}

// JournalLayout is the layout of one sync's journal: append only.
var JournalLayout = Layout{"journal_<s>", "Acknowledgements in the order they came, only ever appended; folded into the ledger at the end of a run.",
	[]Column{
		{"fence", rows.Int, "the lease it was learnt under, and so the run; what was sent stands in its plan"},
		{"seq", rows.Int, "its place in the run"},
		{"op", rows.Text, "upsert, update, insert, remove or append"},
		{"outcome", rows.Text, "accepted, rejected, missing, exists, deferred, pending, unknown, superseded; intent: about to be sent, for what may not be repeated"},
		{"key", keyType, "what the row is"},
		{"hash", hashType, "what was sent, where the run streamed without a plan"},
		{"match", rows.Text, "how the record was found, where the run streamed without a plan"},
		{"created", rows.Bool, "Weir made the record"},
		{"remote_id", rows.Text, "the destination's own id, when the answer told it"},
		{"request_id", rows.Text, "the request, for jobs"},
		{"code", rows.Text, "why it was refused"},
		{"field", rows.Text, "the field the destination complained of"},
		{"message", rows.Text, "what the destination said, redacted"},
		{"retry_at", rows.Timestamp, "when it is tried again by itself"},
		{"at", rows.Timestamp, "when the answer came"},
	}}

// InvalidLayout is the layout of the rows of the last run that could not be sent.
var InvalidLayout = Layout{"invalid_<s>", "Source rows of the last run that were not wanted, replaced each run.",
	[]Column{
		{"key", rows.Text, "the key as text; NULL where it has none"},
		{"class", rows.Text, "invalid or duplicate"},
		{"code", rows.Text, "null_key, no_match, bad_value, not_json, duplicate_key, duplicate_match"},
		{"column", rows.Text, "the mapped field at fault"},
		{"value", rows.Text, "its value, masked"},
	}}

// SharedLayouts are the layouts of the tables all syncs share.
var SharedLayouts = []Layout{
	{"meta", "One row a setting.", []Column{
		{"name", rows.Text, "project_id, schema_version"},
		{"value", rows.Text, "its value"},
	}},
	{"sync", "One row a sync and world (live or sandbox).", []Column{
		{"sync_id", rows.Text, "the permanent short id, s0007"},
		{"name", rows.Text, "its name in YAML; follows `moved:`"},
		{"live", rows.Bool, "true: real accounts; false: the sandbox"},
		{"kind", rows.Text, "record, event"},
		{"mode", rows.Text, "what it may do there"},
		{"source", rows.Text, "the source it reads"},
		{"destination", rows.Text, "the destination's name"},
		{"destination_type", rows.Text, "the destination's type"},
		{"account", rows.Text, "the account the ledger is bound to"},
		{"resource", rows.Text, "account and object: what other syncs may share"},
		{"primary_key", rows.Text, "the source's primary key, a JSON list"},
		{"match_fields", rows.Text, "the match fields, a JSON list"},
		{"key_type", rows.Text, "bigint or text"},
		{"config_hash", rows.Text, "fingerprint of everything that decides what is sent"},
		{"mapping", rows.Text, "fingerprint of the mapped fields"},
		{"fields", rows.Text, "the mapped destination fields, a JSON list"},
		{"hash_scheme", rows.Text, "engine, function and version that made the hashes"},
		{"state", rows.Text, "active, paused, retired"},
		{"quiet", rows.Text, "checksums of both sides after the last run with nothing due"},
		{"started_at", rows.Timestamp, "events: what `start: now` was"},
		{"complete_as_of", rows.Timestamp, "as_of of the last complete run"},
		{"created_at", rows.Timestamp, "when it was first run"},
	}},
	{"run", "One row a run of a sync.", []Column{
		{"run_id", rows.Text, "r and a UUIDv7 in hex"},
		{"sync_id", rows.Text, "the sync"},
		{"sync_name", rows.Text, "its name then"},
		{"state", rows.Text, "planning, planned, sending, quiet, held, done, partial, stopped, failed, lost, settling, superseded, rejected"},
		{"reason", rows.Text, "why it is held, stopped or failed"},
		{"fence", rows.Int, "the lease's fence"},
		{"host", rows.Text, "where it ran"},
		{"pid", rows.Int, "the process"},
		{"as_of", rows.Timestamp, "the run's one moment"},
		{"started_at", rows.Timestamp, "when it was claimed"},
		{"ended_at", rows.Timestamp, "when it was closed; NULL while it runs or after it was killed"},
		{"folded", rows.Bool, "its journal stands in the ledger"},
		{"counts", rows.Text, "the account of rows, a JSON object"},
		{"config_hash", rows.Text, "fingerprint of the sync it planned"},
		{"plan_sql", rows.Text, "fingerprint of the compiled SQL"},
		{"expires_at", rows.Timestamp, "until when its plan may be applied"},
	}},
	{"run_event", "What happened in a run, in order.", []Column{
		{"run_id", rows.Text, "the run"},
		{"at", rows.Timestamp, "when"},
		{"event", rows.Text, "a state of the run, or what it noticed"},
		{"detail", rows.Text, "one sentence"},
	}},
	{"approval", "Limits somebody allowed for a sync's next run.", []Column{
		{"sync_id", rows.Text, "the sync"},
		{"run_id", rows.Text, "the held run whose counts were approved"},
		{"limits", rows.Text, "how many rows of each guard, a JSON object"},
		{"decision", rows.Text, "approved, rejected"},
		{"by", rows.Text, "who"},
		{"why", rows.Text, "why"},
		{"at", rows.Timestamp, "when"},
		{"until", rows.Timestamp, "until when it holds"},
		{"used_by", rows.Text, "the run that used it"},
	}},
	{"lease", "Who may write: one row a sync, and one named project.", []Column{
		{"name", rows.Text, "sync id, or project"},
		{"holder", rows.Text, "the run"},
		{"fence", rows.Int, "grows with every taking"},
		{"host", rows.Text, "the holder's host and boot"},
		{"pid", rows.Int, "the holder's process"},
		{"taken_at", rows.Timestamp, "since when"},
		{"expires_at", rows.Timestamp, "until when, by the warehouse's clock"},
	}},
	{"budget", "Requests used per account and day.", []Column{
		{"account", rows.Text, "the account"},
		{"bucket", rows.Text, "what is counted"},
		{"day", rows.Date, "the UTC day"},
		{"used", rows.Int, "how many"},
	}},
}

// Prefix begins the name of every table of Weir's own.
const Prefix = "w_"

// Names are the tables of one target's schema.
type Names struct{ Schema string }

func (n Names) table(name string) warehouse.Table {
	return warehouse.Table{Schema: n.Schema, Name: Prefix + name}
}

// Shared is a shared table by its name without prefix.
func (n Names) Shared(name string) warehouse.Table { return n.table(name) }

// Ledger is a sync's ledger.
func (n Names) Ledger(syncID string) warehouse.Table { return n.table("ledger_" + syncID) }

// Journal is a sync's journal.
func (n Names) Journal(syncID string) warehouse.Table { return n.table("journal_" + syncID) }

// Invalid is a sync's table of rows that could not be sent.
func (n Names) Invalid(syncID string) warehouse.Table { return n.table("invalid_" + syncID) }

// Plan is a run's plan.
func (n Names) Plan(run string) warehouse.Table { return n.table("plan_" + run) }

// Work is a run's n-th work table: dropped by the run, or by the next one.
func (n Names) Work(run, step string) warehouse.Table { return n.table("tmp_" + run + "_" + step) }

// Aside is the table of a run that streams: the rows it cannot send.
func (n Names) Aside(run string) warehouse.Table { return n.Work(run, "aside") }

// once are the columns that tell rows apart in tables to which several
// processes may add the same row at once.
var once = map[string]string{"meta": "name", "lease": "name"}

// create is the statement that makes a table where it is not there.
func (l Layout) create(d *warehouse.Dialect, t warehouse.Table, key rows.Type) string {
	w := warehouse.NewWriter(d)
	w.Line("CREATE TABLE IF NOT EXISTS ", d.Table(t), " (")
	cols := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		cols[i] = d.Quote(c.Name) + " " + d.TypeNames[c.resolve(d, key)]
		if c.Name == once[l.Name] {
			cols[i] += d.Once.Constraint
		}
	}
	w.In(func() { w.List(cols) })
	w.Line(")")
	return strings.TrimSpace(w.String())
}

func (c Column) resolve(d *warehouse.Dialect, key rows.Type) rows.Type {
	switch c.Type {
	case keyType:
		return key
	case hashType:
		return d.HashType
	default:
		return c.Type
	}
}

// rowColumns are the columns of a layout as a batch builder wants them.
func (l Layout) rowColumns(d *warehouse.Dialect, key rows.Type) []rows.Column {
	out := make([]rows.Column, len(l.Columns))
	for i, c := range l.Columns {
		out[i] = rows.Column{Name: c.Name, Type: c.resolve(d, key)}
	}
	return out
}

// names are the quoted column names of a layout.
func (l Layout) names(d *warehouse.Dialect) []string {
	out := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		out[i] = d.Quote(c.Name)
	}
	return out
}
