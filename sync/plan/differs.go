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

// MakeDiffers finds the keys that are not plainly unchanged: one join that
// reads key and hash on both sides and nothing else.
func (in *Input) MakeDiffers() string {
	steps, rel := in.wantedSteps()
	hash := in.hash()
	if in.Query.Problem != "" || in.Query.Consent != "" || in.Query.At != "" {
		hash = "CASE WHEN " + in.problem() + " IS NULL AND " + in.consent() + " = 'ok' THEN " + hash + " END"
	}
	steps = append(steps,
		warehouse.CTE{Name: "source_side", Comment: "what is wanted; a row that cannot be sent has no hash", SQL: "SELECT key, TRUE AS seen, " + hash + " AS hash\nFROM " + rel},
		warehouse.CTE{Name: "ledger_side", Comment: "what was acknowledged; a row with anything open has no hash", SQL: in.plainLedger()})
	return in.createAs(in.Differs, "the keys whose two sides differ", steps, func(w *warehouse.Writer) {
		join := "FULL JOIN"
		if in.event() {
			join = "LEFT JOIN" // an event that left the window is not looked at again
		}
		w.Line("SELECT s.key AS key, s.seen AS seen, l.key AS held_key")
		w.Line("FROM source_side AS s")
		w.Line(join, " ledger_side AS l ON l.key = s.key")
		w.Line("WHERE s.hash IS NULL OR s.hash IS DISTINCT FROM l.hash")
	})
}

func (in *Input) plainLedger() string {
	d, w := in.D, warehouse.NewWriter(in.D)
	plain := d.Quote("state") + " = 'acked' AND code IS NULL AND gone_at IS NULL AND " + d.Quote("present")
	if !in.RefreshAt.IsZero() {
		plain += " AND acked_at >= " + in.timestamp(in.RefreshAt)
	}
	w.Line("SELECT key, CASE WHEN ", plain, " THEN acked_hash END AS hash")
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

// MakeNear fetches the whole source rows behind the keys that differ.
func (in *Input) MakeNear() string {
	d := in.D
	steps, rel := in.wantedSteps()
	steps = append(steps,
		warehouse.CTE{Name: "differing", SQL: "SELECT DISTINCT key FROM " + d.Table(in.Differs) + " WHERE seen AND key IS NOT NULL"},
		warehouse.CTE{Name: "rows_in_play", Comment: "the source rows behind them, and those without a key", SQL: "SELECT r.* FROM " + rel + " AS r JOIN differing ON differing.key = r.key\n" +
			"UNION ALL\nSELECT r.* FROM " + rel + " AS r WHERE r.key IS NULL"})
	return in.createAs(in.Near, "the source rows whose two sides differ, with what would be sent", steps, func(w *warehouse.Writer) {
		w.Line("SELECT").In(func() { w.List(in.payload()) })
		w.Line("FROM rows_in_play")
	})
}

// AddSharers adds the source rows that share a match with a row in play: a
// duplicate match has one side that did not change. "" where a match cannot be shared.
func (in *Input) AddSharers() string {
	if !in.matched() {
		return ""
	}
	d := in.D
	w := warehouse.NewWriter(d)
	w.Comment("source rows that share a match with one of those")
	w.Line("INSERT INTO ", d.Table(in.Near))
	steps, rel := in.wantedSteps()
	inner := warehouse.NewWriter(d)
	inner.Line("SELECT").In(func() { inner.List(in.payload()) })
	inner.Line("FROM ", rel)
	m := d.Quote("match")
	steps = append(steps,
		warehouse.CTE{Name: "payload", SQL: inner.String()},
		warehouse.CTE{Name: "matches_in_play", SQL: "SELECT " + m + " FROM " + d.Table(in.Near) + " WHERE " + m + " IS NOT NULL\nUNION\n" +
			"SELECT l." + m + " FROM " + d.Table(in.Ledger) + " AS l JOIN " + d.Table(in.Differs) + " AS f ON f.held_key = l.key WHERE l." + m + " IS NOT NULL"})
	w.With(steps)
	w.Line("SELECT p.*")
	w.Line("FROM payload AS p JOIN matches_in_play AS m ON m.", m, " = p.", m)
	w.Line("WHERE p.key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ", d.Table(in.Near), " AS n WHERE n.key = p.key)")
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
