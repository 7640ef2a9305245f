package plan

import "github.com/weir-data/weir/warehouse"

// RowOf is what the plan says of one key, given as text: class, reason,
// problem, op. Of several rows, first what is sent, then why nothing is: a row
// that is not fit to be sent stands beside what the ledger has of its key.
func (in *Input) RowOf(key string) string {
	w := warehouse.NewWriter(in.D)
	w.Line("SELECT class, reason, problem, op")
	w.Line("FROM ", in.D.Table(in.Plan))
	w.Line("WHERE ", in.D.Text("key", in.Query.KeyType), " = ", in.D.String(key))
	w.Line("ORDER BY CASE WHEN op IS NOT NULL THEN 0 WHEN class IN ('invalid', 'duplicate', 'suppressed') THEN 1 ELSE 2 END")
	return w.String()
}

// Only takes every operation out of the plan but those of one key.
func (in *Input) Only(key string) string {
	w := warehouse.NewWriter(in.D)
	w.Comment("only the row that somebody asked for")
	w.Line("UPDATE ", in.D.Table(in.Plan), " SET op = NULL, reason = 'not_asked_for'")
	w.Line("WHERE op IS NOT NULL AND ", in.D.Text("key", in.Query.KeyType), " <> ", in.D.String(key))
	return w.String()
}
