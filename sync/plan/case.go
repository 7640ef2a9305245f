package plan

import (
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/warehouse"
)

// class is the one CASE that puts each row in exactly one class, over the two
// sides joined. The order of the tests is the meaning.
func (in *Input) class() string {
	asOf := in.timestamp(in.AsOf)
	same := in.same()
	waiting := "(l_retry_at IS NULL OR l_retry_at > " + asOf + ")"
	c := warehouse.NewWriter(in.D)
	c.Line("CASE")
	when := func(cond, class string) { c.Line("  WHEN ", cond, " THEN '", class, "'") }
	when("w_key IS NOT NULL AND l_key IS NULL", "added")
	when("l_state IN ('pending', 'unknown') AND l_retry_at > "+asOf, "settling")
	when("w_key IS NOT NULL AND l_state IN ('pending', 'unknown')", "changed")
	when("w_key IS NOT NULL AND l_state = 'parked' AND w_hash = l_settled_hash AND "+waiting, "parked")
	when("w_key IS NOT NULL AND l_present = FALSE", "added")
	if !in.RefreshAt.IsZero() {
		when("w_key IS NOT NULL AND "+same+" AND l_acked_at < "+in.timestamp(in.RefreshAt), "refreshed")
	}
	when("w_key IS NOT NULL AND "+same, "unchanged")
	if m := in.Sync.Mode; m == destinations.Insert || m == destinations.Append {
		when("w_key IS NOT NULL", "frozen")
	}
	when("w_key IS NOT NULL", "changed")
	when("l_present = FALSE", "forgotten")
	if in.matched() {
		when("heir IS NOT NULL", "withheld")
	}
	when("worst <= 2", "stale")
	if in.Query.Consent != "" {
		in.withdrawn(when)
	}
	when("l_code IS NOT NULL AND "+waiting, "withheld")
	if in.Query.Consent != "" {
		when("worst = 3", "removed")
	}
	in.left(when, c)
	c.Line("END")
	return strings.TrimSpace(c.String())
}

// same is true where what is wanted is what was acknowledged.
func (in *Input) same() string {
	if !in.Restamp {
		return "w_hash = l_acked_hash"
	}
	cond := "l_state <> 'pending' AND l_acked_hash IS NOT NULL AND l_match IS NOT DISTINCT FROM w_match"
	if in.Sync.Mode == destinations.Remove {
		return "(" + cond + ")"
	}
	parts := []string{cond, "l_fields IS NOT NULL"}
	for i, f := range in.Query.Fields {
		if f.Set != "created" {
			parts = append(parts, "NOT ("+in.fieldDiffers(i)+")")
		}
	}
	return "(" + strings.Join(parts, "\n    AND ") + ")"
}

// fieldDiffers is true where a field is to be sent: it has another value than
// the acknowledged one, or it was ours and has none now.
func (in *Input) fieldDiffers(i int) string {
	n, o := newName(i), in.oldItem(i)
	switch in.Query.Fields[i].Nulls {
	case "skip":
		return n + " IS NOT NULL AND " + n + " IS DISTINCT FROM " + o
	case "clear":
		return "COALESCE(" + n + ", 'null') IS DISTINCT FROM " + o
	default:
		return "COALESCE(" + n + ", 'null') <> COALESCE(" + o + ", 'null')"
	}
}

// oldItem is the text of a field's acknowledged value, out of the two sides joined.
func (in *Input) oldItem(i int) string {
	_, item := in.D.JSONMembers("", in.fieldNames())
	return item("old_values", i)
}

func (in *Input) fieldNames() []string {
	names := make([]string, len(in.Query.Fields))
	for i, f := range in.Query.Fields {
		names[i] = f.Name
	}
	return names
}

func (in *Input) withdrawn(when func(cond, class string)) {
	how := in.OnWithdrawal
	if how == "" {
		how = "clear"
		if in.event() || in.Sync.Mode == destinations.Remove {
			how = "stop" // there is nothing of ours to clear
		}
	}
	switch how {
	case "remove":
		when("worst = 4", "removed")
	case "clear":
		when("worst = 4 AND "+in.oursLeft(), "cleared")
		when("worst = 4", "kept")
	default:
		when("worst = 4", "kept")
	}
}

// oursLeft is true while a field of the record still has a value that we wrote.
func (in *Input) oursLeft() string {
	var parts []string
	for i := range in.Query.Fields {
		parts = append(parts, "COALESCE("+in.oldItem(i)+", 'null') <> 'null'")
	}
	if len(parts) == 0 {
		return "FALSE"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (in *Input) left(when func(cond, class string), c *warehouse.Writer) {
	if !in.mirrors() {
		c.Line("  ELSE 'kept'")
		return
	}
	if in.matched() {
		when("still_shared IS NOT NULL", "withheld")
	}
	if len(in.Others) > 0 {
		when("claimed IS NOT NULL", "withheld")
	}
	if in.Sync.RemoveOnly == "created" {
		when("l_created IS DISTINCT FROM TRUE", "kept")
	}
	c.Line("  ELSE 'removed'")
}
