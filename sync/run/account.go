package run

import (
	"fmt"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
)

// Account is a run's account of rows: every row read, and every row held, is
// in exactly one place. Its equations are checked in every run.
type Account struct {
	Read       int64 `json:"read"`
	Invalid    int64 `json:"invalid"`
	Suppressed int64 `json:"suppressed"`
	Duplicate  int64 `json:"duplicate"`
	Wanted     int64 `json:"wanted"`
	// Source are the wanted rows by class, Ledger the rows present or in doubt.
	Source map[plan.Class]int64 `json:"source"`
	Ledger map[plan.Class]int64 `json:"ledger"`
	Before int64                `json:"ledger_before"`
	After  int64                `json:"ledger_after"`

	Planned    int64 `json:"planned"`
	Accepted   int64 `json:"accepted"`
	Rejected   int64 `json:"rejected"`
	Missing    int64 `json:"missing"`
	Exists     int64 `json:"exists"`
	Deferred   int64 `json:"deferred"`
	Pending    int64 `json:"pending"`
	Unknown    int64 `json:"unknown"`
	Superseded int64 `json:"superseded"`
	Held       int64 `json:"held"`
	Unsent     int64 `json:"unsent"`

	// What equation (6) is made of.
	Appeared   int64 `json:"appeared"`    // accepted, pending and unknown adds
	Removals   int64 `json:"removals"`    // accepted removals, those already missing among them
	Gone       int64 `json:"gone"`        // present, and the destination has it no more
	Disproved  int64 `json:"disproved"`   // in doubt, and refused
	HandedOver int64 `json:"handed_over"` // another key has the record now
	Expired    int64 `json:"expired"`     // events past keep

	// LeftEarlier and NotCreated tell more of removals; Withdrawn are never held.
	LeftEarlier int64 `json:"left_earlier,omitempty"`
	NotCreated  int64 `json:"not_created,omitempty"`
	Withdrawn   int64 `json:"withdrawn,omitempty"`

	Quiet bool `json:"quiet,omitempty"` // nothing was compared: both sides are as the last run left them

	phases    map[int64]int64 // planned operations by phase
	sawSource int64           // unchanged rows in the plan, as the source side and the ledger side see them
	sawLedger int64
}

// BrokenError says which equation does not hold: a fault in Weir, or a source
// that changed while it was read. Nothing is parked because of it.
type BrokenError struct {
	Equation int
	Text     string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("the account of rows does not balance, equation (%d): %s (nothing was written because of it; run it again, and report it if it stays)", e.Equation, e.Text)
}

// newAccount reads the scan of both sides and the classes of the plan.
func newAccount(scan ledger.Record, counts []ledger.Record) *Account {
	a := &Account{Read: scan.Int("read_rows"), Before: scan.Int("held"), Source: map[plan.Class]int64{}, Ledger: map[plan.Class]int64{}, phases: map[int64]int64{}}
	for _, r := range counts {
		a.addClass(r)
	}
	a.Wanted = a.Read - a.Invalid - a.Suppressed - a.Duplicate
	return a
}

func (a *Account) addClass(r ledger.Record) {
	class, n := plan.Class(r["class"]), r.Int("n")
	switch class {
	case plan.Invalid:
		a.Invalid += n
		return
	case plan.Suppressed:
		a.Suppressed += n
		return
	case plan.Duplicate:
		a.Duplicate += n
		return
	}
	if r.Bool("wanted") {
		if class == plan.Unchanged {
			a.sawSource += n
		} else {
			a.Source[class] += n
		}
	}
	if b := r["before"]; b == plan.BeforePresent || b == plan.BeforeDoubt {
		if class == plan.Unchanged {
			a.sawLedger += n
		} else {
			a.Ledger[class] += n
		}
	}
	if r["op"] == "" {
		return
	}
	a.Planned += n
	a.phases[r.Int("phase")] += n
	if class == plan.Removed {
		switch r["reason"] {
		case plan.ReasonWithdrawn:
			a.Withdrawn += n
		case plan.ReasonLeftEarlier:
			a.LeftEarlier += n
		}
		a.NotCreated += r.Int("not_created")
	}
}

// unchanged derives the unchanged rows twice, from the source's side and from
// the ledger's: they must agree.
func (a *Account) unchanged() (source, held int64) {
	source, held = a.Wanted, a.Before
	for c, n := range a.Source {
		if c != plan.Unchanged {
			source -= n
		}
	}
	for c, n := range a.Ledger {
		if c != plan.Unchanged {
			held -= n
		}
	}
	return source, held
}

// agrees tells whether both sides see the same number of unchanged rows.
func (a *Account) agrees() bool {
	source, held := a.unchanged()
	return source == held
}

// settle fixes the unchanged rows and checks equations (1) to (4). With all,
// every row is in the plan and they were counted too.
func (a *Account) settle(all bool) error {
	source, held := a.unchanged()
	if source != held || source < 0 {
		return &BrokenError{2, fmt.Sprintf("unchanged is %d by what is wanted and %d by what the ledger holds", source, held)}
	}
	if all && (a.sawSource != source || a.sawLedger != held) {
		return &BrokenError{3, fmt.Sprintf("unchanged is %d, but %d and %d rows were seen to be", source, a.sawSource, a.sawLedger)}
	}
	a.Source[plan.Unchanged], a.Ledger[plan.Unchanged] = source, held
	ops := a.Source[plan.Added] + a.Source[plan.Changed] + a.Source[plan.Refreshed] + a.removedRows() + a.Ledger[plan.Cleared]
	if ops != a.Planned {
		return &BrokenError{4, fmt.Sprintf("%d operations are planned, and the classes ask for %d", a.Planned, ops)}
	}
	return nil
}

func (a *Account) removedRows() int64 { return a.Ledger[plan.Removed] }

// count takes over what the committer counted.
func (a *Account) count(t *deliver.Tally) {
	a.Accepted = t.ByStatus[destinations.Accepted]
	a.Rejected = t.ByStatus[destinations.Rejected]
	a.Missing = t.ByStatus[destinations.Missing]
	a.Exists = t.ByStatus[destinations.Exists]
	a.Deferred = t.ByStatus[destinations.Later]
	a.Pending = t.ByStatus[destinations.Pending]
	a.Unknown = t.ByStatus[destinations.Unknown]
}

// delivered is the rows with an outcome.
func (a *Account) delivered() int64 {
	return a.Accepted + a.Rejected + a.Missing + a.Exists + a.Deferred + a.Pending + a.Unknown
}

// prove checks equation (5): what the committer counted against the journal,
// and both against the plan. What has no outcome is held, superseded or unsent.
func (a *Account) prove(tallies []ledger.Tally) error {
	by := map[string]int64{}
	var planned int64
	for _, t := range tallies {
		by[t.Outcome] += t.N
		planned += t.N
		a.effect(t)
	}
	for name, mine := range map[string]int64{"accepted": a.Accepted, "rejected": a.Rejected, "missing": a.Missing, "exists": a.Exists, "deferred": a.Deferred, "pending": a.Pending, "unknown": a.Unknown} {
		if by[name] != mine {
			return &BrokenError{5, fmt.Sprintf("%d records were %s, and the journal has %d", mine, name, by[name])}
		}
	}
	a.Unsent = a.Planned - a.delivered() - a.Held - a.Superseded
	if a.Unsent < 0 {
		return &BrokenError{5, fmt.Sprintf("%d records were planned, and %d have an outcome, %d are held, %d superseded", a.Planned, a.delivered(), a.Held, a.Superseded)}
	}
	return nil
}

// effect adds what a group of outcomes does to the number of rows held.
func (a *Account) effect(t ledger.Tally) {
	there := t.Before == plan.BeforePresent || t.Before == plan.BeforeDoubt
	removed := t.Class == string(plan.Removed)
	switch t.Outcome {
	case "accepted", "pending", "unknown":
		switch {
		case removed && t.Outcome == "accepted":
			a.Removals += t.N
		case !there && !removed:
			a.Appeared += t.N
		}
	case "missing":
		switch {
		case removed:
			a.Removals += t.N
		case t.Op == string(destinations.OpRemove): // a deletion acknowledged
			if !there {
				a.Appeared += t.N
			}
		case t.Before == plan.BeforePresent:
			a.Gone += t.N
		case t.Before == plan.BeforeDoubt:
			a.Disproved += t.N
		}
	case "exists":
		switch {
		case t.Op == string(destinations.OpAppend):
			if !there {
				a.Appeared += t.N
			}
		case there:
			a.Gone += t.N
		}
	case "rejected":
		if t.Before == plan.BeforeDoubt && !removed && t.Class != string(plan.Cleared) {
			a.Disproved += t.N
		}
	}
}

// close checks equation (6): the ledger before, and what the run did to it,
// against the ledger as it is.
func (a *Account) close(after int64) error {
	a.After = after
	want := a.Before + a.Appeared - a.Removals - a.Gone - a.Disproved - a.HandedOver - a.Expired
	if want != after {
		return &BrokenError{6, fmt.Sprintf("the ledger held %d rows, and %d appeared, %d were removed, %d gone, %d disproved, %d handed over, %d expired; it holds %d and not %d",
			a.Before, a.Appeared, a.Removals, a.Gone, a.Disproved, a.HandedOver, a.Expired, after, want)}
	}
	return nil
}
