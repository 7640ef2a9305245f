package plan

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/warehouse"
)

// q quotes a name.
func (in *Input) q(name string) string { return in.D.Quote(name) }

// judged says of each source row whether it can be wanted at all, before it is
// compared with others.
func (in *Input) judged() []warehouse.CTE {
	if in.Query.Consent == "" {
		return []warehouse.CTE{{Name: "judged", Comment: "can the row be sent at all", SQL: "SELECT r.*, CASE WHEN r.key IS NULL OR r.problem IS NOT NULL OR r." + in.q("match") + " IS NULL THEN 'invalid' ELSE 'candidate' END AS verdict,\n" +
			"  0 AS withheld_by\nFROM r"}}
	}
	m := in.q("match")
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT r.*,")
	w.Line("  CASE")
	w.Line("    WHEN r.key IS NULL THEN 'invalid'")
	w.Line("    WHEN r.consent <> 'ok' OR wk.key IS NOT NULL OR wm.", m, " IS NOT NULL THEN 'suppressed'")
	w.Line("    WHEN r.problem IS NOT NULL OR r.", m, " IS NULL THEN 'invalid'")
	w.Line("    ELSE 'candidate'")
	w.Line("  END AS verdict,")
	w.Line("  CASE WHEN r.consent = 'withdrawn' OR wk.key IS NOT NULL OR wm.", m, " IS NOT NULL THEN 4 WHEN r.consent = 'missing' THEN 3 ELSE 0 END AS withheld_by")
	w.Line("FROM r")
	w.Line("LEFT JOIN withdrawn_keys AS wk ON wk.key = r.key")
	w.Line("LEFT JOIN withdrawn_matches AS wm ON wm.", m, " = r.", m)
	return []warehouse.CTE{
		{Name: "withdrawn_keys", Comment: "a withdrawal stops every row of that key and of that match", SQL: "SELECT DISTINCT key FROM r WHERE consent = 'withdrawn' AND key IS NOT NULL"},
		{Name: "withdrawn_matches", SQL: "SELECT DISTINCT " + m + " FROM r WHERE consent = 'withdrawn' AND " + m + " IS NOT NULL"},
		{Name: "judged", Comment: "can the row be sent at all", SQL: w.String()},
	}
}

// unique tells duplicates from the rest: rows that share a key or a match
// among those that could be sent.
func (in *Input) unique() []warehouse.CTE {
	steps, from := in.uniqueBy("key", in.Sync.OnDuplicate.Key == "first", "judged", "by_key")
	if in.matched() {
		more, last := in.uniqueBy(in.q("match"), in.Sync.OnDuplicate.Match == "first", from, "by_match")
		steps, from = append(steps, more...), last
	}
	final := "SELECT * FROM " + from
	return append(steps,
		warehouse.CTE{Name: "q", SQL: final},
		warehouse.CTE{Name: "w", Comment: "what is wanted", SQL: "SELECT * FROM q WHERE verdict = 'candidate'"},
		warehouse.CTE{Name: "x", Comment: "for each key of those that are not: the worst reason", SQL: "SELECT key, MAX(CASE WHEN verdict = 'suppressed' THEN withheld_by WHEN verdict = 'invalid' THEN 2 ELSE 1 END) AS worst\n" +
			"FROM q WHERE verdict <> 'candidate' AND key IS NOT NULL GROUP BY key"})
}

func (in *Input) uniqueBy(col string, first bool, from, name string) ([]warehouse.CTE, string) {
	problem := in.D.String("duplicate_" + strings.TrimPrefix(name, "by_"))
	w := warehouse.NewWriter(in.D)
	others := in.otherColumns()
	if first {
		order := []string{}
		for i, o := range in.Query.OrderBy {
			dir := ""
			if strings.HasSuffix(o, " DESC") {
				dir = " " + in.D.Descending
			}
			order = append(order, fmt.Sprintf("order_%d%s", i+1, dir))
		}
		order = append(order, "hash")
		w.Line("SELECT ", others, ", CASE WHEN verdict = 'candidate' AND place > 1 THEN ", problem, " ELSE problem END AS problem,")
		w.Line("  CASE WHEN verdict = 'candidate' AND place > 1 THEN 'duplicate' ELSE verdict END AS verdict")
		w.Line("FROM (SELECT f.*, ROW_NUMBER() OVER (PARTITION BY verdict, ", col, " ORDER BY ", strings.Join(order, ", "), ") AS place FROM ", from, " AS f) AS f")
		return []warehouse.CTE{{Name: name, Comment: "the first of several that share a " + strings.TrimPrefix(name, "by_"), SQL: w.String()}}, name
	}
	w.Line("SELECT ", others, ", CASE WHEN verdict = 'candidate' AND s.shared IS NOT NULL THEN ", problem, " ELSE problem END AS problem,")
	w.Line("  CASE WHEN verdict = 'candidate' AND s.shared IS NOT NULL THEN 'duplicate' ELSE verdict END AS verdict")
	w.Line("FROM ", from, " AS f LEFT JOIN shared_", strings.TrimPrefix(name, "by_"), " AS s ON s.shared = f.", col)
	return []warehouse.CTE{
		{Name: "shared_" + strings.TrimPrefix(name, "by_"), Comment: "several rows of one " + strings.TrimPrefix(name, "by_"), SQL: "SELECT " + col + " AS shared FROM " + from + " WHERE verdict = 'candidate' GROUP BY " + col + " HAVING COUNT(*) > 1"},
		{Name: name, SQL: w.String()},
	}, name
}

// otherColumns are a source row's columns but verdict and problem.
func (in *Input) otherColumns() string {
	cols := []string{"f.key", "f.entity_id", "f." + in.q("match"), "f.hash", "f.fields", "f.consent", "f.withheld_by"}
	if !in.LedgerEmpty {
		for i := range in.Query.Fields {
			cols = append(cols, "f."+newName(i))
		}
	}
	for i := range in.Query.OrderBy {
		cols = append(cols, fmt.Sprintf("f.order_%d", i+1))
	}
	return strings.Join(cols, ", ")
}

// held is the ledger's side: the rows in play, or all.
func (in *Input) held(all bool) []warehouse.CTE {
	d, m := in.D, in.q("match")
	cols := "SELECT key, entity_id, " + in.q("state") + ", " + in.q("present") + ", created, acked_hash, settled_hash, fields, " + m + ", remote_id, code, retry_at, gone_at, acked_at"
	from := "\nFROM " + d.Table(in.Ledger)
	if all {
		if in.event() {
			from += "\nWHERE key IN (SELECT key FROM r)"
		}
		return []warehouse.CTE{{Name: "l", Comment: "what the ledger says", SQL: cols + from}}
	}
	if !in.matched() {
		return []warehouse.CTE{{Name: "l", Comment: "what the ledger says of the keys in play", SQL: cols + from + "\nWHERE key IN (SELECT held_key FROM " + d.Table(in.Differs) + " WHERE held_key IS NOT NULL)"}}
	}
	return []warehouse.CTE{
		{Name: "keys_in_play", SQL: "SELECT held_key AS key FROM " + d.Table(in.Differs) + " WHERE held_key IS NOT NULL\nUNION\nSELECT key FROM r WHERE key IS NOT NULL"},
		{Name: "matches_in_play", SQL: "SELECT " + m + " FROM r WHERE " + m + " IS NOT NULL\nUNION\nSELECT l." + m + from + " AS l JOIN keys_in_play AS k ON k.key = l.key WHERE l." + m + " IS NOT NULL"},
		{Name: "l", Comment: "what the ledger says of the keys and matches in play", SQL: cols + from + "\nWHERE key IN (SELECT key FROM keys_in_play) OR " + m + " IN (SELECT " + m + " FROM matches_in_play)"},
	}
}

// sharers are the tests for a record that somebody else still wants.
func (in *Input) sharers() []warehouse.CTE {
	d, m := in.D, in.q("match")
	var steps []warehouse.CTE
	if in.matched() {
		steps = append(steps, warehouse.CTE{Name: "taken_over", Comment: "what a row that is no longer wanted wrote to its record: whoever takes the record over clears what is not theirs", SQL: "SELECT l." + m + ", MIN(l.fields) AS fields\nFROM l LEFT JOIN w ON w.key = l.key\nWHERE w.key IS NULL AND l.fields IS NOT NULL AND l." + in.q("present") + " IS DISTINCT FROM FALSE\nGROUP BY l." + m})
		steps = append(steps, warehouse.CTE{Name: "still_shared", Comment: "two keys share the record, and the other is still in the source", SQL: "SELECT DISTINCT l.key\nFROM l\nJOIN l AS o ON o." + m + " = l." + m + " AND o.key <> l.key AND o." + in.q("present") + " IS DISTINCT FROM FALSE\nJOIN q ON q.key = o.key"})
	}
	if len(in.Others) > 0 {
		var parts []string
		for _, o := range in.Others {
			parts = append(parts, "SELECT "+m+", remote_id FROM "+d.Table(o)+" WHERE "+in.q("present")+" IS DISTINCT FROM FALSE AND gone_at IS NULL")
		}
		steps = append(steps,
			warehouse.CTE{Name: "other_syncs", Comment: "what other syncs hold of the same object", SQL: strings.Join(parts, "\nUNION ALL\n")},
			warehouse.CTE{Name: "claimed", SQL: "SELECT DISTINCT l.key FROM l JOIN other_syncs AS o ON o." + m + " = l." + m + " OR o.remote_id = l.remote_id"})
	}
	return steps
}
