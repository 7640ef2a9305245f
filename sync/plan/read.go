package plan

import (
	"fmt"

	"github.com/weir-data/weir/warehouse"
)

// Counts are the classes of the plan with how many rows each has: columns
// class, reason, op, before, phase, wanted, n, not_created.
func (in *Input) Counts() string {
	w := warehouse.NewWriter(in.D)
	b := in.q("before")
	w.Line("SELECT class, reason, op, ", b, ", phase, CASE WHEN hash IS NOT NULL THEN TRUE ELSE FALSE END AS wanted, COUNT(*) AS n, SUM(CASE WHEN created IS DISTINCT FROM TRUE THEN 1 ELSE 0 END) AS not_created")
	w.Line("FROM ", in.D.Table(in.Plan))
	w.Line("GROUP BY class, reason, op, ", b, ", phase, CASE WHEN hash IS NOT NULL THEN TRUE ELSE FALSE END")
	return w.String()
}

// Intersect takes out of the plan what another plan did not hold: the rows of
// the earlier plan that are still true remain.
func (in *Input) Intersect(earlier warehouse.Table) string {
	w := warehouse.NewWriter(in.D)
	w.Comment("only what the earlier plan holds, and as it held it")
	w.Line("UPDATE ", in.D.Table(in.Plan), " AS p SET op = NULL, reason = 'not_in_plan'")
	w.Line("WHERE p.op IS NOT NULL AND NOT EXISTS (")
	w.Line("  SELECT 1 FROM ", in.D.Table(earlier), " AS e")
	w.Line("  WHERE e.key = p.key AND e.op = p.op AND e.hash IS NOT DISTINCT FROM p.hash AND e.", in.q("match"), " IS NOT DISTINCT FROM p.", in.q("match"), " AND e.send IS NOT DISTINCT FROM p.send)")
	return w.String()
}

// FieldCounts is one row with, for each mapped field (f1, f2, …), how many
// changed rows send it.
func (in *Input) FieldCounts() string {
	w := warehouse.NewWriter(in.D)
	prepared, item := in.D.JSONMembers("COALESCE(send, fields)", in.fieldNames())
	var sums []string
	for i := range in.Query.Fields {
		sums = append(sums, fmt.Sprintf("COALESCE(SUM(CASE WHEN %s IS NOT NULL THEN 1 ELSE 0 END), 0) AS f%d", item("sent", i), i+1))
	}
	w.Line("SELECT").In(func() { w.List(sums) })
	w.Line("FROM (SELECT ", prepared, " AS sent FROM ", in.D.Table(in.Plan), " WHERE class IN ('changed', 'cleared') AND op IS NOT NULL) AS changed_rows")
	return w.String()
}

// Problems counts the rows that are not wanted, by class and problem.
func (in *Input) Problems() string {
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT class, problem, COUNT(*) AS n, MIN(", in.D.Text("key", in.Query.KeyType), ") AS first_key")
	w.Line("FROM ", in.D.Table(in.Plan), " WHERE class IN ('invalid', 'duplicate') GROUP BY class, problem ORDER BY class, problem")
	return w.String()
}

// ReadColumns are the columns that Read gives: what a batch needs.
const ReadColumns = "key, hash, op, %s, old_match, remote_id, fields, send"

// Read streams one phase of the plan. In a wave of renames the rows whose
// forerunner was not accepted are left out: they would overwrite its record.
func (in *Input) Read(phase int64, journal warehouse.Table, fence int64) string {
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT ", fmt.Sprintf(ReadColumns, in.q("match")))
	w.Line("FROM ", in.D.Table(in.Plan), " AS p")
	w.Line("WHERE op IS NOT NULL AND phase = ", fmt.Sprint(phase))
	if phase > PhaseWrites && phase < PhaseRemovals {
		w.Line("  AND EXISTS (SELECT 1 FROM ", in.D.Table(journal), " AS j WHERE j.fence = ", fmt.Sprint(fence), " AND j.key = p.after_key AND j.outcome = 'accepted')")
	}
	return w.String()
}

// Sample is some rows of the plan for people: key, class, op, reason, match,
// old_match, and fields before and after.
func (in *Input) Sample(limit int) string {
	w := warehouse.NewWriter(in.D)
	m := in.q("match")
	w.Line("SELECT ", in.D.Text("p.key", in.Query.KeyType), " AS key, p.class, p.op, p.reason, p.", m, ", p.old_match, COALESCE(p.send, p.fields) AS sent, l.fields AS had")
	w.Line("FROM ", in.D.Table(in.Plan), " AS p LEFT JOIN ", in.D.Table(in.Ledger), " AS l ON l.key = p.key")
	w.Line("WHERE p.op IS NOT NULL")
	w.Line("ORDER BY p.phase, p.class, p.key")
	if limit > 0 {
		w.Line("LIMIT ", fmt.Sprint(limit))
	}
	return w.String()
}
