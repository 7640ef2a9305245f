package run

import (
	"context"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/sync/plan"
)

// RowFate is what a run that was asked for one row knows of it.
type RowFate struct {
	Key    string     `json:"key"`
	Class  plan.Class `json:"class,omitempty"` // "" = neither in the source nor in the ledger
	Reason string     `json:"reason,omitempty"`
	Code   string     `json:"code,omitempty"` // why it cannot be sent, or was refused
	Field  string     `json:"field,omitempty"`
	Due    bool       `json:"due"` // it was to be sent
}

// single narrows the plan to the one key that was asked for. All other rows
// stay due: the run does not count as complete.
func (j *job) single(ctx context.Context) error {
	if j.opt.OnlyKey == "" {
		return nil
	}
	var err error
	if j.report.Row, err = j.fate(ctx, j.opt.OnlyKey); err != nil {
		return err
	}
	if err := j.exec(ctx, j.in.Only(j.opt.OnlyKey)); err != nil {
		return err
	}
	counts, err := j.Store.All(ctx, j.in.Counts())
	if err != nil {
		return err
	}
	left := newAccount(j.scan, counts)
	j.account.phases, j.account.Superseded = left.phases, j.account.Planned-left.Planned
	if left.Planned == 0 {
		j.report.State = Quiet
	}
	return nil
}

// fate finds a key in the plan, or, where it is not in play, in the ledger.
func (j *job) fate(ctx context.Context, key string) (*RowFate, error) {
	recs, err := j.Store.All(ctx, j.in.RowOf(key))
	if err != nil {
		return nil, err
	}
	f := &RowFate{Key: key}
	if len(recs) > 0 {
		r := recs[0]
		f.Class, f.Reason, f.Due = plan.Class(r["class"]), r["reason"], r["op"] != ""
		f.Code, f.Field, _ = strings.Cut(r["problem"], ":")
	}
	if f.Class != "" && f.Class != plan.Parked {
		return f, nil
	}
	d := j.Conn.Dialect()
	recs, err = j.Store.All(ctx, "SELECT code, field FROM "+d.Table(j.in.Ledger)+" WHERE "+d.Text("key", j.in.Query.KeyType)+" = "+d.String(key))
	if err != nil || len(recs) == 0 {
		return f, err
	}
	f.Code, f.Field = recs[0]["code"], recs[0]["field"]
	if f.Class == "" {
		f.Class = plan.Unchanged
	}
	return f, nil
}

// alone is how a run of one row ended.
func (j *job) alone() State {
	if n := j.tally.Done; n > 0 && j.tally.ByStatus[destinations.Accepted] == n {
		return Done
	}
	return Partial
}
