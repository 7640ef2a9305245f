package run

import (
	"context"
	"time"

	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/warehouse"
)

// longestStream is how long a run may be expected to send while its source is
// read: longer ones write a plan first, so that nothing in the warehouse is
// held open for hours.
const longestStream = 15 * time.Minute

// streams tells whether the run may send what its source gives without writing
// a plan first: nothing was acknowledged yet, nobody asked to see a plan, and
// no query of the customer's own is run again for what the ledger keeps.
func (j *job) streams() bool {
	return j.in.LedgerEmpty && j.opt == (Options{}) && (j.sync.From.SQL == nil || j.in.Identifiers()) && j.expected() <= longestStream
}

// expected is how long the account's limits make the run at least.
func (j *job) expected() time.Duration {
	l := j.outlet.Limits
	requests := j.scan.Int("read_rows") / int64(max(1, l.BatchRows))
	var longest time.Duration
	for _, r := range l.Rates {
		if r.Requests > 0 {
			longest = max(longest, time.Duration(requests/int64(r.Requests))*r.Per)
		}
	}
	return longest
}

// setAside finds the rows that cannot be sent; all others are new. It is not
// done where one of several duplicates is wanted: only a plan can tell which.
func (j *job) setAside(ctx context.Context) (done bool, err error) {
	made := j.in.Plan
	j.in.Plan = j.Store.Names.Aside(j.run.ID)
	if err := j.exec(ctx, j.in.MakeAside()); err != nil {
		return false, err
	}
	j.planned, j.streaming = true, true
	counts, err := j.Store.All(ctx, j.in.Counts())
	if err != nil {
		return false, err
	}
	a := newAccount(j.scan, counts)
	if on := j.sync.OnDuplicate; a.Duplicate > 0 && (on.Key == "first" || on.Match == "first") {
		err := j.Store.Drop(ctx, j.in.Plan)
		j.in.Plan, j.streaming = made, false
		return false, err
	}
	a.Source[plan.Added], a.Planned = a.Wanted, a.Wanted
	a.phases[plan.PhaseWrites] = a.Wanted
	j.take(a)
	if err := a.settle(false); err != nil {
		return false, err
	}
	return true, j.failDuplicates(ctx)
}

// asideKeys tells whether keys were set aside that other rows of the source have too.
func (j *job) asideKeys() bool { return j.account.Duplicate+j.account.Suppressed > 0 }

// streamed is what folding a run without a plan needs of the source: this run,
// or an earlier one of the sync that was killed. Aside is what it had set aside.
func (j *job) streamed(aside warehouse.Table, shared bool) *ledger.Streamed {
	out := &ledger.Streamed{Match: j.matchOfFact()}
	if j.emptied || j.in.Identifiers() {
		return out // what the rows carried cannot be read, or is not kept
	}
	in := j.in
	in.Plan = aside
	if j.event() {
		in.After = j.window()
	}
	out.Steps, out.From = in.Streamed(shared)
	return out
}

// matchOfFact is the match of a row of which only the fact is left: by its key
// where that tells it, else the journal has it.
func (j *job) matchOfFact() string {
	if m := j.in.MatchOf("f.key"); m != "" {
		return m
	}
	return "f." + j.Conn.Dialect().Quote("match")
}
