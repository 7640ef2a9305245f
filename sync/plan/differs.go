package plan

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// createAs is a CREATE TABLE AS with its steps.
func (in *Input) createAs(t warehouse.Table, comment string, steps []warehouse.CTE, body func(w *warehouse.Writer)) string {
	w := warehouse.NewWriter(in.D)
	w.Comment(comment)
	w.Line("CREATE TABLE ", in.D.Table(t), " AS")
	w.With(steps)
	body(w)
	return w.String()
}

// MakeDiffers finds the rows that are not plainly unchanged: one join on the
// key that compares hashes, with what would be sent in the same pass. A row
// with seen stands in the source; held_key is its key in the ledger.
func (in *Input) MakeDiffers() string {
	steps, rel := in.wantedSteps()
	hash := in.hash()
	if in.Query.Problem != "" || in.Query.Consent != "" || in.Query.At != "" {
		hash = "CASE WHEN " + in.problem() + " IS NULL AND " + in.consent() + " = 'ok' THEN " + hash + " END"
	}
	steps = append(steps,
		warehouse.CTE{Name: "source_side", Comment: "what is wanted; a row that cannot be sent has no hash", SQL: "SELECT *, TRUE AS seen, " + hash + " AS wanted_hash\nFROM " + rel},
		warehouse.CTE{Name: "ledger_side", Comment: "what was acknowledged; a row with anything open has no hash", SQL: in.plainLedger()})
	return in.createAs(in.Differs, "the rows whose two sides differ, with what would be sent", steps, func(w *warehouse.Writer) {
		join := "FULL JOIN"
		if in.event() {
			join = "LEFT JOIN" // an event that left the window is not looked at again
		}
		w.Line("SELECT").In(func() { w.List(append([]string{"seen", "held_key"}, in.payload()...)) })
		w.Line("FROM source_side")
		w.Line(join, " ledger_side ON held_key = key")
		w.Line("WHERE wanted_hash IS NULL OR wanted_hash IS DISTINCT FROM held_hash")
	})
}

func (in *Input) plainLedger() string {
	d, w := in.D, warehouse.NewWriter(in.D)
	plain := d.Quote("state") + " = 'acked' AND code IS NULL AND gone_at IS NULL AND " + d.Quote("present")
	if !in.RefreshAt.IsZero() {
		plain += " AND acked_at >= " + in.timestamp(in.RefreshAt)
	}
	w.Line("SELECT key AS held_key, CASE WHEN ", plain, " THEN acked_hash END AS held_hash")
	w.Line("FROM ", d.Table(in.Ledger))
	return w.String()
}

// payload are the columns of a source row that a plan works with.
func (in *Input) payload() []string {
	d := in.D
	cols := []string{"key", orText(in.Query.Entity, d) + " AS entity_id", in.match() + " AS " + d.Quote("match"), in.hash() + " AS hash",
		in.fields() + " AS fields", in.problem() + " AS problem", in.consent() + " AS consent"}
	if !in.LedgerEmpty {
		for i, f := range in.Query.Fields {
			cols = append(cols, "CASE WHEN "+f.Expr+" IS NOT NULL THEN "+d.JSONValue(f.Expr, f.Type)+" END AS "+newName(i))
		}
	}
	for i, o := range in.Query.OrderBy {
		cols = append(cols, fmt.Sprintf("%s AS order_%d", strings.TrimSuffix(o, " DESC"), i+1))
	}
	return cols
}

func orText(expr string, d *warehouse.Dialect) string {
	if expr == "" {
		return "CAST(NULL AS " + d.TypeNames[rows.Text] + ")"
	}
	return expr
}

// newName is the column with the JSON text of a field's wanted value.
func newName(i int) string { return fmt.Sprintf("new_%d", i+1) }

// AddSharers adds the source rows that share a match with a row in play: a
// duplicate match has one side that did not change. "" where a match cannot be shared.
func (in *Input) AddSharers() string {
	if !in.matched() {
		return ""
	}
	d, m := in.D, in.D.Quote("match")
	return in.addRows("source rows that share a match with one of those",
		warehouse.CTE{Name: "in_play", SQL: "SELECT " + m + " FROM " + d.Table(in.Differs) + " WHERE seen AND " + m + " IS NOT NULL\nUNION\n" +
			"SELECT l." + m + " FROM " + d.Table(in.Ledger) + " AS l JOIN " + d.Table(in.Differs) + " AS f ON f.held_key = l.key WHERE l." + m + " IS NOT NULL"},
		"in_play."+m+" = p."+m)
}

// AddTwins adds the source rows that share a key with a row in play: of two
// with one key, one may be as it was acknowledged.
func (in *Input) AddTwins() string {
	return in.addRows("source rows that share a key with one of those",
		warehouse.CTE{Name: "in_play", SQL: "SELECT DISTINCT key FROM " + in.D.Table(in.Differs) + " WHERE seen AND key IS NOT NULL"},
		"in_play.key = p.key")
}

// addRows adds source rows to those in play, each row once.
func (in *Input) addRows(comment string, which warehouse.CTE, on string) string {
	d, w := in.D, warehouse.NewWriter(in.D)
	w.Comment(comment)
	w.Line("INSERT INTO ", d.Table(in.Differs))
	steps, rel := in.wantedSteps()
	inner := warehouse.NewWriter(d)
	inner.Line("SELECT").In(func() { inner.List(in.payload()) })
	inner.Line("FROM ", rel)
	w.With(append(steps, warehouse.CTE{Name: "payload", SQL: inner.String()}, which))
	w.Line("SELECT TRUE AS seen, CAST(NULL AS ", d.TypeNames[in.Query.KeyType], ") AS held_key, p.*")
	w.Line("FROM payload AS p JOIN in_play ON ", on)
	w.Line("WHERE p.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ", d.Table(in.Differs), " AS n WHERE n.seen AND n.key = p.key AND n.hash = p.hash)")
	return w.String()
}

// KeptEvents counts the ledger's rows outside the window: events are never
// removed, and the join does not look at them.
func (in *Input) KeptEvents() string {
	d, w := in.D, warehouse.NewWriter(in.D)
	steps, rel := in.wantedSteps()
	w.With(append(steps, warehouse.CTE{Name: "seen", SQL: "SELECT DISTINCT key FROM " + rel + " WHERE key IS NOT NULL"}))
	w.Line("SELECT COALESCE(SUM(CASE WHEN l.", d.Quote("present"), " IS DISTINCT FROM FALSE THEN 1 ELSE 0 END), 0) AS kept")
	w.Line("FROM ", d.Table(in.Ledger), " AS l")
	w.Line("WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.key = l.key)")
	return w.String()
}
