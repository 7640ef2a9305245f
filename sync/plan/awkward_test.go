package plan_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/engines"
)

var update = flag.Bool("update", false, "rewrite golden files")

// awkward fills both sides with one row of every kind that has ever been
// trouble. Keys say what they are.
func (w *world) awkward() {
	due, later := "TIMESTAMP '2026-02-28 00:00:00'", "TIMESTAMP '2026-03-02 00:00:00'"
	type row struct{ key, email, name, problem, consent, held, set string }
	parked := func(retry string) string {
		return "state = 'parked', present = FALSE, acked_hash = NULL, fields = NULL, code = 'http_400', retry_at = " + retry
	}
	for _, r := range []row{
		{"new", "new@x", "N", "", "", "", ""},
		{"same", "same@x", "N", "", "", "same@x/N", ""},
		{"edited", "edited@x", "N2", "", "", "edited@x/N", ""},
		{"renamed", "renamed2@x", "N", "", "", "renamed@x/N", ""},
		{"left", "", "", "", "-", "left@x/N", ""},
		{"left_earlier", "", "", "", "-", "le@x/N", "gone_at = TIMESTAMP '2026-01-01 00:00:00'"},
		{"back_again", "back@x", "N", "", "", "back@x/N", "gone_at = TIMESTAMP '2026-01-01 00:00:00'"},
		{"dup_key", "dk1@x", "N", "", "", "dk1@x/N", ""},
		{"dup_key", "dk2@x", "N", "", "", "", ""},
		{"dup_match_a", "dm@x", "N", "", "", "dm@x/N", ""},
		{"dup_match_b", "dm@x", "N", "", "", "", ""},
		{"bad_value", "bad@x", "N", "bad_value:amount", "", "bad@x/N", ""},
		{"bad_new", "badnew@x", "N", "bad_value:amount", "", "", ""},
		{"", "nokey@x", "N", "", "", "", ""},
		{"no_match", "", "N", "", "", "", ""},
		{"withdrawn", "wd@x", "N", "", "withdrawn", "wd@x/N", ""},
		{"withdrawn_new", "wdn@x", "N", "", "withdrawn", "", ""},
		{"withdrawn_by_match", "wd@x", "N", "", "", "", ""},
		{"consent_missing", "cm@x", "N", "", "missing", "cm@x/N", ""},
		{"invalid_and_withdrawn", "iw@x", "N", "bad_value:amount", "", "iw@x/N", ""},
		{"invalid_and_withdrawn", "iw2@x", "N", "", "withdrawn", "", ""},
		{"parked_waits", "pw@x", "N", "", "", "pw@x/N", "settled_hash = acked_hash, " + parked(later)},
		{"parked_due", "pd@x", "N", "", "", "pd@x/N", "settled_hash = acked_hash, " + parked(due)},
		{"parked_for_good", "pf@x", "N", "", "", "pf@x/N", "settled_hash = acked_hash, " + parked("NULL")},
		{"parked_edited", "pe@x", "N2", "", "", "pe@x/N", parked("NULL")},
		{"parked_changed_back", "pb@x", "N", "", "", "pb@x/N", "state = 'parked', settled_hash = 1, code = 'http_400'"},
		{"parked_left", "", "", "", "-", "pl@x/N", parked(later)},
		{"removal_refused", "", "", "", "-", "rr@x/N", "code = 'http_409', retry_at = " + later},
		{"removal_refused_due", "", "", "", "-", "rd@x/N", "code = 'http_409', retry_at = " + due},
		{"taken_from_stale_new", "tfs@x", "N", "", "", "", ""},
		{"taken_from_stale", "tfs2@x", "N", "bad_value:amount", "", "tfs@x/N", ""},
		{"taken_from_withdrawn_new", "tfw@x", "N", "", "", "", ""},
		{"taken_from_withdrawn", "tfw2@x", "N", "", "withdrawn", "tfw@x/N", ""},
		{"taken_from_refused_new", "tfr@x", "N", "", "", "", ""},
		{"taken_from_refused", "", "", "", "-", "tfr@x/N", "code = 'http_409', retry_at = " + later},
		{"pending_equal", "pq@x", "N", "", "", "pq@x/N", "state = 'pending', present = NULL, retry_at = " + later},
		{"pending_edited", "pt@x", "N2", "", "", "pt@x/N", "state = 'pending', present = NULL, retry_at = " + later},
		{"pending_left", "", "", "", "-", "pg@x/N", "state = 'pending', present = NULL, retry_at = " + later},
		{"unknown_overdue", "uo@x", "N", "", "", "uo@x/N", "state = 'unknown', present = NULL, retry_at = " + due},
		{"moved_to", "mv@x", "N", "", "", "", ""},
		{"moved_from", "", "", "", "-", "mv@x/N", ""},
		{"shares_record", "", "", "", "-", "sr@x/N", ""},
		{"shares_record_too", "sr2@x", "N", "", "", "sr@x/N", ""},
		{"chain_1", "chain2@x", "N", "", "", "chain1@x/N", ""},
		{"chain_2", "chain3@x", "N", "", "", "chain2@x/N", ""},
		{"chain_end_new", "chain1@x", "N", "", "", "", ""},
		{"cycle_1", "cycle2@x", "N", "", "", "cycle1@x/N", ""},
		{"cycle_2", "cycle1@x", "N", "", "", "cycle2@x/N", ""},
	} {
		if r.consent != "-" {
			w.src(r.key, r.email, r.name, "1", r.problem, r.consent)
		}
		if r.held != "" {
			email, name, _ := strings.Cut(r.held, "/")
			w.held(r.key, email, name, "1", r.set)
		}
	}
}

// TestAwkwardRows holds the class of every awkward row in every mode, as
// golden text, and the equations over them.
func TestAwkwardRows(t *testing.T) { engines.Each(t, awkwardRows) }

func awkwardRows(t *testing.T, open engines.Open) {
	for _, mode := range []destinations.Mode{destinations.Upsert, destinations.Update, destinations.Insert, destinations.Mirror, destinations.Remove, destinations.Append} {
		t.Run(string(mode), func(t *testing.T) {
			w := newWorld(t, open, mode)
			w.awkward()
			got := w.plan()
			var keys []string
			for k := range got {
				keys = append(keys, k)
			}
			sort.Strings(keys)
			var b strings.Builder
			for _, k := range keys {
				fmt.Fprintf(&b, "%-26s %s\n", k, got[k])
			}
			b.WriteString(w.balance)
			golden(t, filepath.Join("testdata", "awkward_"+string(mode)+".txt"), b.String())
		})
	}
}

// equations checks (1) to (3) by counting, independently of the run's own account.
func (w *world) equations() string {
	r := w.all(`SELECT
		(SELECT count(*) FROM source) AS read_rows,
		count(*) FILTER (WHERE class IN ('invalid', 'suppressed', 'duplicate')) AS not_wanted,
		count(*) FILTER (WHERE class NOT IN ('invalid', 'suppressed', 'duplicate') AND hash IS NOT NULL) AS wanted,
		(SELECT count(*) FROM weir.w_ledger_s0001 WHERE present IS DISTINCT FROM FALSE) AS held,
		count(*) FILTER (WHERE before IN ('present', 'doubt')) AS held_in_plan
		FROM weir.w_plan_r2`)[0]
	kept := int64(0)
	if w.in.Sync.Mode == destinations.Append {
		kept = w.all(w.in.KeptEvents())[0].Int("kept")
	}
	if r.Int("read_rows") != r.Int("not_wanted")+r.Int("wanted") {
		w.t.Errorf("(1) read %s, wanted %s, not wanted %s", r["read_rows"], r["wanted"], r["not_wanted"])
	}
	if r.Int("held") != r.Int("held_in_plan")+kept {
		w.t.Errorf("(3) the ledger holds %s, the plan accounts for %s and %d kept", r["held"], r["held_in_plan"], kept)
	}
	return fmt.Sprintf("\nread %s = %s wanted + %s not wanted; ledger %s\n", r["read_rows"], r["wanted"], r["not_wanted"], r["held"])
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-update rewrites it):\n%s", path, diff)
	}
}
