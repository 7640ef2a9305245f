package plan

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// MakePlan is the one statement that writes the plan: every row in play with
// its class, and for those that are sent the operation and what it carries.
// With all, every row of both sides is in play; else those of the work tables.
func (in *Input) MakePlan(all bool) string {
	steps := in.inPlay(all)
	steps = append(steps, in.judged()...)
	steps = append(steps, in.unique()...)
	if in.LedgerEmpty {
		steps = append(steps, warehouse.CTE{Name: "settled", Comment: "nothing was acknowledged yet: all of it is new", SQL: in.allAdded()})
	} else {
		steps = append(steps, in.held(all)...)
		steps = append(steps, in.sharers()...)
		steps = append(steps,
			warehouse.CTE{Name: "sides", Comment: "wanted beside acknowledged", SQL: in.sides()},
			warehouse.CTE{Name: "classed", Comment: "each row in exactly one class", SQL: "SELECT sides.*,\n" + indent(in.class()) + " AS class\nFROM sides"},
			warehouse.CTE{Name: "settled", Comment: "what each class asks for", SQL: in.settled()})
	}
	chains := !in.LedgerEmpty && in.matched()
	if chains {
		steps = append(steps, in.chains()...)
	}
	out := in.createAs(in.Plan, "the plan of "+in.SyncID+": what is wanted against what was acknowledged", steps, func(w *warehouse.Writer) { in.planRows(w, chains) })
	if chains {
		out = strings.Replace(out, "\nWITH ", "\nWITH RECURSIVE ", 1)
	}
	return out
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

func (in *Input) inPlay(all bool) []warehouse.CTE {
	if !all {
		return []warehouse.CTE{{Name: "r", Comment: "the source rows in play", SQL: "SELECT * FROM " + in.D.Table(in.Differs) + " WHERE seen"}}
	}
	steps, rel := in.wantedSteps()
	return append(steps, warehouse.CTE{Name: "r", Comment: "every source row, with what would be sent", SQL: "SELECT\n  " + strings.Join(in.payload(), ",\n  ") + "\nFROM " + rel})
}

// settledColumns are what every branch of the plan gives, in order.
var settledColumns = []string{"key", "entity_id", "class", "reason", "before", "match", "old_match", "remote_id", "created", "hash", "fields", "send", "problem", "heir", "leaves"}

func (in *Input) null(t rows.Type) string { return "CAST(NULL AS " + in.D.TypeNames[t] + ")" }

func (in *Input) allAdded() string {
	fields := "fields"
	if in.Sync.Mode == destinations.Remove {
		fields = in.null(rows.Text)
	}
	text := in.null(rows.Text)
	vals := []string{"key", "entity_id", "'added'", text, "'none'", in.q("match"), text, text, in.null(rows.Bool), "hash", fields, text, text, in.null(in.Query.KeyType), text}
	return in.selectAs(vals) + "FROM w"
}

func (in *Input) selectAs(vals []string) string {
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT")
	items := make([]string, len(vals))
	for i, v := range vals {
		items[i] = v + " AS " + in.q(settledColumns[i])
	}
	w.In(func() { w.List(items) })
	return w.String()
}

// sides joins what is wanted with what was acknowledged, one row a key.
func (in *Input) sides() string {
	d, w, m := in.D, warehouse.NewWriter(in.D), in.q("match")
	cols := []string{"w.key AS w_key", "w.entity_id AS w_entity", "w." + m + " AS w_match", "w.hash AS w_hash", "w.fields AS w_fields"}
	for i := range in.Query.Fields {
		cols = append(cols, "w."+newName(i))
	}
	cols = append(cols, "l.key AS l_key", "l.entity_id AS l_entity", "l."+in.q("state")+" AS l_state", "l."+in.q("present")+" AS l_present",
		"l.created AS l_created", "l.acked_hash AS l_acked_hash", "l.settled_hash AS l_settled_hash", "l.fields AS l_fields", "l."+m+" AS l_match",
		"l.remote_id AS l_remote_id", "l.code AS l_code", "l.retry_at AS l_retry_at", "l.gone_at AS l_gone_at", "l.acked_at AS l_acked_at", "x.worst")
	if len(in.Query.Fields) > 0 {
		prepared, _ := d.JSONMembers("l.fields", in.fieldNames())
		old := "CASE WHEN l.fields IS NOT NULL THEN " + prepared
		if in.matched() {
			taken, _ := d.JSONMembers("tk.fields", in.fieldNames())
			old += " WHEN l." + in.q("present") + " IS NOT TRUE AND tk.fields IS NOT NULL THEN " + taken
		}
		cols = append(cols, old+" END AS old_values")
	}
	if in.matched() {
		cols = append(cols, "o.key AS heir", "ss.key AS still_shared")
	}
	if len(in.Others) > 0 {
		cols = append(cols, "cl.key AS claimed")
	}
	w.Line("SELECT").In(func() { w.List(cols) })
	w.Line("FROM w")
	w.Line("FULL JOIN l ON l.key = w.key")
	w.Line("LEFT JOIN x ON x.key = l.key")
	if in.matched() {
		w.Line("LEFT JOIN w AS o ON o.", m, " = l.", m, " AND o.key <> l.key")
		w.Line("LEFT JOIN still_shared AS ss ON ss.key = l.key")
		w.Line("LEFT JOIN taken_over AS tk ON tk.", m, " = w.", m)
	}
	if len(in.Others) > 0 {
		w.Line("LEFT JOIN claimed AS cl ON cl.key = l.key")
	}
	return w.String()
}

// settled says for each classed row what is sent and what will be remembered.
func (in *Input) settled() string {
	text := in.null(rows.Text)
	before := "CASE WHEN l_key IS NULL THEN 'none' WHEN l_present IS NULL THEN 'doubt' WHEN l_present THEN 'present' ELSE 'absent' END"
	oldMatch := "CASE WHEN class = 'changed' AND l_present AND l_match <> w_match THEN l_match END"
	match := "CASE WHEN class IN ('removed', 'cleared') OR w_key IS NULL THEN l_match ELSE w_match END"
	vals := []string{"COALESCE(w_key, l_key)", "COALESCE(w_entity, l_entity)", "class", in.reason(), before, match, oldMatch, "l_remote_id", "l_created", "w_hash",
		in.fieldsAfter(), in.send(), text, in.null(in.Query.KeyType), text}
	if in.matched() {
		vals[13] = "heir"
		vals[14] = "CASE WHEN class IN ('changed', 'parked', 'settling') AND w_key IS NOT NULL AND l_present IS DISTINCT FROM FALSE AND l_match <> w_match THEN l_match END"
	}
	if !in.matched() || in.Sync.Mode == destinations.Remove {
		vals[6], vals[14] = text, text // a deletion renames nothing
	}
	return in.selectAs(vals) + "FROM classed"
}

func (in *Input) reason() string {
	w := warehouse.NewWriter(in.D)
	w.Line("CASE")
	if in.Query.Consent != "" {
		w.Line("  WHEN class IN ('removed', 'cleared') AND worst = 4 THEN '", ReasonWithdrawn, "'")
		w.Line("  WHEN class = 'removed' AND worst = 3 THEN '", ReasonMissing, "'")
	}
	w.Line("  WHEN class = 'removed' AND l_gone_at IS NOT NULL THEN '", ReasonLeftEarlier, "'")
	w.Line("  WHEN class = 'removed' THEN '", ReasonLeft, "'")
	if in.matched() {
		w.Line("  WHEN class = 'withheld' AND heir IS NOT NULL THEN '", ReasonHandedOver, "'")
	}
	w.Line("  WHEN class = 'withheld' AND l_code IS NOT NULL THEN '", ReasonRefused, "'")
	w.Line("  WHEN class = 'withheld' THEN '", ReasonShared, "'")
	w.Line("  WHEN class = 'changed' AND l_state IN ('pending', 'unknown') THEN '", ReasonOverdue, "'")
	w.Line("END")
	return strings.TrimSpace(w.String())
}

// whole is true where a changed row is sent with all its fields: what the
// destination has is not known.
func (in *Input) whole() string {
	return "(l_state IN ('pending', 'unknown') OR l_fields IS NULL OR l_present IS NOT TRUE)"
}

// send is the object to send where it is not all of `fields`: NULL means all.
func (in *Input) send() string {
	if in.Sync.Mode == destinations.Remove || len(in.Query.Fields) == 0 {
		return in.null(rows.Text)
	}
	w := warehouse.NewWriter(in.D)
	w.Line("CASE")
	var clears, parts []string
	for i, f := range in.Query.Fields {
		name := in.D.String(jsonName(f.Name) + ":")
		clears = append(clears, "CASE WHEN COALESCE("+in.oldItem(i)+", 'null') <> 'null' THEN "+in.D.String(jsonName(f.Name)+":null")+" END")
		if f.Set != "created" {
			parts = append(parts, "CASE WHEN "+in.fieldDiffers(i)+" THEN "+name+" || COALESCE("+newName(i)+", 'null') END")
		}
	}
	if in.Query.Consent != "" {
		w.Line("  WHEN class = 'cleared' THEN '{' || ", in.D.ConcatSkipNull(",", clears), " || '}'")
	}
	w.Line("  WHEN class <> 'changed' OR ", in.whole(), " THEN NULL")
	if len(parts) == 0 {
		parts = []string{in.null(rows.Text)}
	}
	subset := "'{' || " + in.D.ConcatSkipNull(",", parts) + " || '}'"
	if in.sendsWhenEqual() {
		subset = "NULLIF(" + subset + ", CASE WHEN l_match IS NOT DISTINCT FROM w_match THEN '{}' ELSE '' END)"
	}
	w.Line("  ELSE ", subset)
	w.Line("END")
	return strings.TrimSpace(w.String())
}

// sendsWhenEqual: a hash that differs while no field seems to (a decimal read
// back with fewer digits) is sent whole rather than not at all.
func (in *Input) sendsWhenEqual() bool {
	if in.Restamp {
		return false
	}
	for _, f := range in.Query.Fields {
		if f.Nulls == "skip" {
			return decimalField(in.Query.Fields)
		}
	}
	return true
}

// fieldsAfter is what the ledger will hold once the operation is accepted: the
// wanted values, and null for what was ours and has none now. A name that is
// no longer mapped is left out.
func (in *Input) fieldsAfter() string {
	if in.Sync.Mode == destinations.Remove {
		return in.null(rows.Text)
	}
	if len(in.Query.Fields) == 0 {
		return "CASE WHEN w_key IS NOT NULL THEN w_fields END"
	}
	var after, cleared []string
	for i, f := range in.Query.Fields {
		o, name := in.oldItem(i), in.D.String(jsonName(f.Name)+":")
		null := in.D.String(jsonName(f.Name) + ":null")
		cleared = append(cleared, "CASE WHEN "+o+" IS NOT NULL THEN "+null+" END")
		switch {
		case f.Set == "created":
			after = append(after, "CASE WHEN "+o+" IS NOT NULL THEN "+name+" || "+o+" END")
		case f.Nulls == "skip":
			after = append(after, "CASE WHEN "+newName(i)+" IS NOT NULL THEN "+name+" || "+newName(i)+" WHEN "+o+" IS NOT NULL THEN "+name+" || "+o+" END")
		case f.Nulls == "clear":
			after = append(after, name+" || COALESCE("+newName(i)+", 'null')")
		default:
			after = append(after, "CASE WHEN "+newName(i)+" IS NOT NULL THEN "+name+" || "+newName(i)+" WHEN "+o+" IS NOT NULL THEN "+null+" END")
		}
	}
	w := warehouse.NewWriter(in.D)
	w.Line("CASE")
	if in.Query.Consent != "" {
		w.Line("  WHEN class = 'cleared' THEN '{' || ", in.D.ConcatSkipNull(",", cleared), " || '}'")
	}
	w.Line("  WHEN w_key IS NULL THEN NULL")
	w.Line("  WHEN old_values IS NULL OR class NOT IN ('added', 'changed', 'unchanged') THEN w_fields")
	w.Line("  ELSE '{' || ", in.D.ConcatSkipNull(",", after), " || '}'")
	w.Line("END")
	return strings.TrimSpace(w.String())
}

// chains orders rows that take over a match from one that moves away: the one
// that moves goes first. A cycle is sent whole, without renaming.
func (in *Input) chains() []warehouse.CTE {
	m := in.q("match")
	return []warehouse.CTE{
		{Name: "moves", Comment: "records that get another match, or wait for it: till then the old one is taken", SQL: "SELECT key, leaves AS old_match FROM settled WHERE leaves IS NOT NULL"},
		{Name: "waits", Comment: "rows that take the match such a record leaves: they go after it", SQL: "SELECT s.key, MAX(moves.key) AS after_key\nFROM settled AS s JOIN moves ON moves.old_match = s." + m + " AND moves.key <> s.key\nWHERE s.class IN ('added', 'changed', 'refreshed')\nGROUP BY s.key"},
		{Name: "walk", SQL: "SELECT key, 1 AS wave FROM waits WHERE after_key NOT IN (SELECT key FROM waits)\nUNION ALL\nSELECT waits.key, walk.wave + 1 AS wave FROM waits JOIN walk ON waits.after_key = walk.key"},
	}
}

func (in *Input) planRows(w *warehouse.Writer, chains bool) {
	sent := "s.class IN ('added', 'changed', 'refreshed')"
	nothing := "s.class = 'changed' AND s.send = '{}' AND s.old_match IS NULL"
	wave, cycle, after := "0", "FALSE", "s.heir"
	if chains {
		wave, cycle, after = "COALESCE(walk.wave, 0)", "(waits.key IS NOT NULL AND walk.key IS NULL)", "CASE WHEN walk.key IS NOT NULL THEN waits.after_key ELSE s.heir END"
	}
	op := in.op()
	class := "s.class"
	if in.Restamp || !in.sendsWhenEqual() {
		class = "CASE WHEN " + nothing + " THEN 'unchanged' ELSE s.class END"
		sent = "(" + sent + " AND NOT (" + nothing + "))"
	}
	if !chains && in.LedgerEmpty {
		sent, class = "TRUE", "s.class"
	}
	w.Line("SELECT s.key, s.entity_id, ", class, " AS class,")
	w.Line("  CASE WHEN ", cycle, " THEN '", ReasonCycle, "' ELSE s.reason END AS reason,")
	w.Line("  CASE WHEN ", sent, " THEN '", string(op), "' WHEN s.class = 'cleared' THEN 'update' WHEN s.class = 'removed' THEN 'remove' END AS op,")
	w.Line(fmt.Sprintf("  CASE WHEN s.reason = '%s' THEN %d WHEN s.class = 'removed' THEN %d ELSE %d + %s END AS phase,", ReasonWithdrawn, PhaseWithdrawals, PhaseRemovals, PhaseWrites, wave))
	w.Line("  ", after, " AS after_key, s.", in.q("before"), ", s.", in.q("match"), ",")
	w.Line("  CASE WHEN NOT ", cycle, " THEN s.old_match END AS old_match, CASE WHEN NOT ", cycle, " THEN s.remote_id END AS remote_id, s.created, s.hash, s.fields,")
	w.Line("  CASE WHEN NOT ", cycle, " THEN s.send END AS send, s.problem")
	w.Line("FROM settled AS s")
	if chains {
		w.Line("LEFT JOIN waits ON waits.key = s.key")
		w.Line("LEFT JOIN walk ON walk.key = s.key")
	}
	w.Line("UNION ALL")
	w.Comment("source rows that are not wanted, each with its reason")
	in.unwanted(w)
}

// unwanted are the source rows that are not wanted, each with its reason.
func (in *Input) unwanted(w *warehouse.Writer) {
	text := in.null(rows.Text)
	w.Line("SELECT q.key, q.entity_id, CASE WHEN q.verdict = 'duplicate' THEN 'duplicate' ELSE q.verdict END AS class,")
	w.Line("  CASE WHEN q.withheld_by = 4 THEN '", ReasonWithdrawn, "' WHEN q.withheld_by = 3 THEN '", ReasonMissing, "' END AS reason,")
	w.Line("  ", text, " AS op, 0 AS phase, CAST(NULL AS ", in.D.TypeNames[in.Query.KeyType], ") AS after_key, 'none' AS ", in.q("before"), ", q.", in.q("match"), ",")
	w.Line("  ", text, " AS old_match, ", text, " AS remote_id, ", in.null(rows.Bool), " AS created, q.hash, ", text, " AS fields, ", text, " AS send,")
	w.Line("  COALESCE(q.problem, CASE WHEN q.key IS NULL THEN 'null_key' WHEN q.", in.q("match"), " IS NULL THEN 'no_match' END) AS problem")
	w.Line("FROM q WHERE q.verdict <> 'candidate'")
}
