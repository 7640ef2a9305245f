package plan

import (
	"slices"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// duplicateMatch is the problem of rows that share a match.
const duplicateMatch = "duplicate_match"

// FillInvalid writes the rows that could not be sent into the sync's table of
// them, each with the value at fault: masked before it is written, so that
// what is kept and shown is enough to find a row, and too little to read it.
func (in *Input) FillInvalid(into warehouse.Table) string {
	w, d := warehouse.NewWriter(in.D), in.D
	code := "CASE WHEN POSITION(':' IN p.problem) > 0 THEN SUBSTR(p.problem, 1, POSITION(':' IN p.problem) - 1) ELSE p.problem END"
	col := "CASE WHEN POSITION(':' IN p.problem) > 0 THEN SUBSTR(p.problem, POSITION(':' IN p.problem) + 1) END"
	w.Line("INSERT INTO ", d.Table(into), " (key, class, code, ", d.Quote("column"), ", ", d.Quote("value"), ")")
	value, faults := in.null(rows.Text), in.faults()
	if len(faults) > 0 {
		w.With(faults)
		value = masked("f.fault")
	}
	w.Line("SELECT ", d.Text("p.key", in.Query.KeyType), ", p.class, ", code, ", ", col, ", ", value)
	w.Line("FROM ", d.Table(in.Plan), " AS p")
	if len(faults) > 0 {
		w.Line("LEFT JOIN faults AS f ON f.key = p.key AND f.problem = p.problem")
	}
	w.Line("WHERE p.class IN ('invalid', 'duplicate')")
	return w.String()
}

// faults are the steps that end in faults: for each row that could not be sent
// and its problem the text at fault. None where no problem has such a text.
func (in *Input) faults() []warehouse.CTE {
	fault, problem := in.Query.Fault, in.problem()
	steps := slices.Clone(in.Query.Steps)
	if fault != "" {
		steps[len(steps)-1] = in.Query.Faulty
	}
	fault = orText(fault, in.D)
	if m := in.Query.Match; len(m) == 1 {
		fault = "CASE WHEN " + problem + " IS NULL THEN " + in.D.Text(m[0].Expr, m[0].Type) + " ELSE " + fault + " END"
	} else if in.Query.Fault == "" {
		return nil
	}
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT key, COALESCE(", problem, ", ", in.D.String(duplicateMatch), ") AS problem, ", fault, " AS fault")
	w.Line("FROM ", in.Query.Relation, " AS r")
	w.Line("WHERE EXISTS (SELECT 1 FROM ", in.D.Table(in.Plan), " AS a WHERE a.key = r.key AND a.class IN ('invalid', 'duplicate'))")
	return append(steps,
		warehouse.CTE{Name: "at_fault", Comment: "the rows that could not be sent, and what is wrong with them", SQL: w.String()},
		warehouse.CTE{Name: "faults", SQL: "SELECT key, problem, MIN(fault) AS fault FROM at_fault GROUP BY key, problem"})
}

// masked leaves of a text its first letter and its shape, as MaskObject of a
// run does; numbers that JSON cannot hold are nobody's data and stay.
func masked(text string) string {
	at := "POSITION('@' IN " + text + ")"
	stars := func(n string) string { return "SUBSTR('********', 1, LEAST(" + n + ", 8))" }
	long := "LENGTH(" + text + ")"
	return "CASE WHEN " + text + " IS NULL THEN NULL" +
		" WHEN LOWER(" + text + ") IN ('nan', 'inf', '-inf', 'infinity', '-infinity') THEN " + text +
		" WHEN " + at + " > 0 THEN SUBSTR(" + text + ", 1, LEAST(1, " + at + " - 1)) || '***@' || SUBSTR(" + text + ", " + at + " + 1, 1) || '***'" +
		" WHEN " + long + " > 2 THEN SUBSTR(" + text + ", 1, 1) || " + stars(long+" - 1") +
		" ELSE " + stars(long) + " END"
}
