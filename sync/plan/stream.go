package plan

import (
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// A run whose ledger is empty needs no plan of the rows it sends: all of them
// are new. It sets aside the rows that cannot be sent, with their reasons, in
// a table shaped like a plan, and streams the rest from the source.

// MakeAside writes the source rows that are not wanted, each with its reason.
func (in *Input) MakeAside() string {
	slim, q := *in, *in.Query
	q.Fields = nil // reasons need key and match, not the values
	slim.Query, slim.LedgerEmpty = &q, true
	steps := append(slim.inPlay(true), slim.judged()...)
	steps = append(steps, slim.unique()...)
	return slim.createAs(in.Plan, "the rows of "+in.SyncID+" that cannot be sent", steps, slim.unwanted)
}

// Stream gives the wanted rows of a run whose ledger is empty, with the columns
// of Read. SetAside: MakeAside found rows that share a key or a match, or are withdrawn.
func (in *Input) Stream(setAside bool) string {
	w := warehouse.NewWriter(in.D)
	steps, rel := in.wantedSteps()
	text := in.null(rows.Text)
	w.With(steps)
	w.Line("SELECT key, ", in.hash(), " AS hash, '", string(in.op()), "' AS op, ", in.match(), " AS ", in.q("match"), ",")
	w.Line("  ", text, " AS old_match, ", text, " AS remote_id, ", in.sentFields(), " AS fields, ", text, " AS send")
	in.fromWanted(w, rel, setAside)
	return w.String()
}

// MatchOf is the match of a row of which only the key is known; "" where the
// key does not tell it.
func (in *Input) MatchOf(key string) string {
	switch m := in.Query.Match; {
	case len(m) == 0:
		return in.D.Text(key, in.Query.KeyType)
	case in.Query.MatchIsKey && len(m) == 1 && m[0].Type == in.Query.KeyType:
		return in.D.String("{"+jsonName(m[0].Name)+":") + " || " + in.D.JSONValue(key, m[0].Type) + " || '}'"
	default:
		return ""
	}
}

// Streamed are the steps, and the relation they end in, that give what a
// streamed run remembers of each row: key, entity_id, match, hash, fields.
func (in *Input) Streamed(setAside bool) ([]warehouse.CTE, string) {
	const name = "streamed"
	w := warehouse.NewWriter(in.D)
	steps, rel := in.wantedSteps()
	w.Line("SELECT key, ", orText(in.Query.Entity, in.D), " AS entity_id, ", in.match(), " AS ", in.q("match"), ", ", in.hash(), " AS hash, ", in.sentFields(), " AS fields")
	in.fromWanted(w, rel, setAside)
	return append(steps, warehouse.CTE{Name: name, Comment: "what the rows carried, as the source still has it", SQL: w.String()}), name
}

func (in *Input) sentFields() string {
	if in.Sync.Mode == destinations.Remove {
		return in.null(rows.Text)
	}
	return in.fields()
}

func (in *Input) fromWanted(w *warehouse.Writer, rel string, setAside bool) {
	w.Line("FROM ", rel, " AS r")
	w.Line("WHERE key IS NOT NULL AND ", in.matchKnown(), " AND ", in.problem(), " IS NULL")
	if in.Query.Consent != "" {
		w.Line("  AND ", in.consent(), " = 'ok'")
	}
	if setAside {
		w.Line("  AND NOT EXISTS (SELECT 1 FROM ", in.D.Table(in.Plan), " AS a WHERE a.key = r.key AND a.class IN ('duplicate', 'suppressed'))")
	}
}
