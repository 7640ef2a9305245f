package plan

import (
	"encoding/json"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/warehouse"
)

// wantedSteps are the compiled steps, and for events the window over them.
// They end in a relation with that name.
func (in *Input) wantedSteps() ([]warehouse.CTE, string) {
	steps := append([]warehouse.CTE(nil), in.Query.Steps...)
	if in.Query.At == "" || in.After.IsZero() {
		return steps, in.Query.Relation
	}
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT *").Line("FROM ", in.Query.Relation)
	w.Line("WHERE ", in.Query.At, " > ", in.timestamp(in.After))
	w.Line("   OR ", in.Query.At, " IS NULL")
	return append(steps, warehouse.CTE{Name: "in_window", Comment: "rows without a time are kept here, to be counted as invalid", SQL: w.String()}), "in_window"
}

// hash is the expression of what is compared: key, match and, unless the mode
// only removes, the mapped fields.
func (in *Input) hash() string {
	if in.Identifiers() {
		return in.D.FrozenHash(in.canonical())
	}
	exprs := []string{"key"}
	for _, m := range in.Query.Match {
		exprs = append(exprs, in.D.Hashed(m.Expr, m.Type))
	}
	if in.Sync.Mode != destinations.Remove {
		for _, f := range in.compared() {
			exprs = append(exprs, in.D.Hashed(f.Expr, f.Type))
		}
	}
	return in.D.Hash(exprs)
}

// Identifiers tells whether the ledger keeps a hash and no values. Nothing
// could make such a hash again, so its function never changes.
func (in *Input) Identifiers() bool { return in.Sync.Keep == "identifiers" }

// canonical is the text of what is compared, as JSON values in a row.
func (in *Input) canonical() string {
	key := "CASE WHEN key IS NULL THEN 'null' ELSE " + in.D.JSONValue("key", in.Query.KeyType) + " END"
	text := key + " || COALESCE(" + in.match() + ", 'null')"
	if in.Sync.Mode != destinations.Remove {
		text += " || " + in.object(in.compared())
	}
	return text
}

// compared are the fields whose change is a change: not those set only when a
// record is created.
func (in *Input) compared() []models.QueryField {
	var out []models.QueryField
	for _, f := range in.Query.Fields {
		if f.Set != "created" && f.Set != Unmapped {
			out = append(out, f)
		}
	}
	return out
}

func (in *Input) problem() string {
	p := orText(in.Query.Problem, in.D)
	if in.Query.At == "" {
		return p
	}
	return "CASE WHEN " + in.Query.At + " IS NULL THEN " + in.D.String("no_time:"+in.Sync.Event.At) + " ELSE " + p + " END"
}

func (in *Input) consent() string {
	if in.Query.Consent == "" {
		return "'ok'"
	}
	return in.Query.Consent
}

// match is the text by which two rows are seen to share a record: a JSON
// object of the match fields, or the key where there are none. NULL where a
// part of it is.
func (in *Input) match() string {
	if len(in.Query.Match) == 0 {
		return in.D.Text("key", in.Query.KeyType)
	}
	var parts []string
	for i, m := range in.Query.Match {
		head := jsonName(m.Name) + ":"
		if i > 0 {
			head = "," + head
		} else {
			head = "{" + head
		}
		parts = append(parts, in.D.String(head), in.D.JSONValue(m.Expr, m.Type))
	}
	parts = append(parts, "'}'")
	return "CASE WHEN " + in.matchKnown() + " THEN " + strings.Join(parts, " || ") + " END"
}

// matchKnown is true where every part of the match has a value.
func (in *Input) matchKnown() string {
	if len(in.Query.Match) == 0 {
		return "key IS NOT NULL"
	}
	there := make([]string, len(in.Query.Match))
	for i, m := range in.Query.Match {
		there[i] = m.Expr + " IS NOT NULL"
	}
	return strings.Join(there, " AND ")
}

// fields is the canonical JSON object of the wanted values. A NULL is left
// out: it was never ours; a field that says `nulls: clear` writes null.
func (in *Input) fields() string { return in.object(in.Query.Fields) }

func (in *Input) object(fields []models.QueryField) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		head := in.D.String(jsonName(f.Name) + ":")
		value := "CASE WHEN " + f.Expr + " IS NOT NULL THEN " + head + " || " + in.D.JSONValue(f.Expr, f.Type)
		if f.Nulls == "clear" {
			value += " ELSE " + in.D.String(jsonName(f.Name)+":null")
		}
		parts[i] = value + " END"
	}
	if len(parts) == 0 {
		return "'{}'"
	}
	return "'{' || " + in.D.ConcatSkipNull(",", parts) + " || '}'"
}

func jsonName(name string) string {
	b, err := json.Marshal(name)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}

// Scan is one pass over each side: what the quiet check compares with the
// last run, and the totals of the equations. One row:
// read, read_sum, read_xor, held, held_sum, held_xor, held_rows, due.
func (in *Input) Scan() string {
	d, w := in.D, warehouse.NewWriter(in.D)
	steps, rel := in.wantedSteps()
	row := []string{"key"}
	for _, f := range append(append([]models.QueryField(nil), in.Query.Match...), in.Query.Fields...) {
		row = append(row, d.Hashed(f.Expr, f.Type))
	}
	if in.Query.Problem != "" || in.Query.At != "" {
		row = append(row, in.problem())
	}
	if in.Query.Consent != "" {
		row = append(row, in.Query.Consent)
	}
	steps = append(steps,
		warehouse.CTE{Name: "source_rows", Comment: "every row of the source, as one hash", SQL: "SELECT " + d.Hash(row) + " AS h FROM " + rel},
		warehouse.CTE{Name: "source_side", SQL: "SELECT COUNT(*) AS n, " + d.SumText("h") + " AS s, " + d.XorText("h") + " AS x FROM source_rows"},
		warehouse.CTE{Name: "ledger_side", Comment: "every row of the ledger, the same way; and what is due", SQL: in.scanLedger()})
	w.With(steps)
	w.Line("SELECT source_side.n AS read_rows, source_side.s AS read_sum, source_side.x AS read_xor,")
	w.Line("  ledger_side.held, ledger_side.s AS held_sum, ledger_side.x AS held_xor, ledger_side.n AS held_rows, ledger_side.due")
	w.Line("FROM source_side CROSS JOIN ledger_side")
	return w.String()
}

func (in *Input) scanLedger() string {
	d, w := in.D, warehouse.NewWriter(in.D)
	due := "gone_at IS NULL AND retry_at <= " + in.timestamp(in.AsOf)
	if !in.RefreshAt.IsZero() {
		due = "(" + due + ") OR acked_at < " + in.timestamp(in.RefreshAt)
	}
	h := d.Hash([]string{"key", d.Quote("state"), "settled_hash", "gone_at"})
	w.Line("SELECT COUNT(*) AS n,")
	w.Line("  COALESCE(SUM(CASE WHEN ", d.Quote("present"), " IS DISTINCT FROM FALSE THEN 1 ELSE 0 END), 0) AS held,")
	w.Line("  COALESCE(SUM(CASE WHEN ", due, " THEN 1 ELSE 0 END), 0) AS due,")
	w.Line("  ", d.SumText(h), " AS s, ", d.XorText(h), " AS x")
	w.Line("FROM ", d.Table(in.Ledger))
	return w.String()
}

// decimalField tells whether a field is a decimal: engines may read its JSON
// back with fewer digits than were written.
func decimalField(fs []models.QueryField) bool {
	for _, f := range fs {
		if f.Type == rows.Decimal {
			return true
		}
	}
	return false
}

// Wanted is the compiled query alone: what each source row would send.
func (in *Input) Wanted() string {
	w := warehouse.NewWriter(in.D)
	steps, rel := in.wantedSteps()
	w.With(steps)
	w.Line("SELECT").In(func() { w.List(in.payload()) })
	w.Line("FROM ", rel)
	return w.String()
}
