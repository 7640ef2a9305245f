package run

import (
	"time"

	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/plan"
)

// State is where a run is, or how it ended.
type State string

// The states of a run.
const (
	Planning   State = "planning"
	Planned    State = "planned" // its plan may be applied
	Sending    State = "sending"
	Quiet      State = "quiet" // nothing was due; no request was made
	Held       State = "held"
	Done       State = "done"
	Partial    State = "partial" // done, and some records were refused
	Stopped    State = "stopped"
	Failed     State = "failed"
	Lost       State = "lost" // killed; closed by the next run
	Superseded State = "superseded"
	Refused    State = "rejected" // a held run that somebody rejected
)

// Report is what a run did, for people and machines alike.
type Report struct {
	Sync    string `json:"sync"`
	SyncID  string `json:"sync_id,omitempty"`
	Run     string `json:"run,omitempty"`
	State   State  `json:"state"`
	Reason  string `json:"reason,omitempty"`
	Mode    string `json:"mode"`
	From    string `json:"from"`
	To      string `json:"to"`
	Object  string `json:"object,omitempty"`
	Account string `json:"account,omitempty"`
	Exempt  string `json:"consent_exempt,omitempty"`

	Counts   *Account         `json:"counts,omitempty"`
	Causes   []*deliver.Cause `json:"-"`
	CauseOut []CauseOut       `json:"causes,omitempty"`
	Problems []Problem        `json:"problems,omitempty"`
	Fields   []FieldCount     `json:"fields,omitempty"`
	Guards   []GuardHit       `json:"guards,omitempty"`
	Notes    []string         `json:"notes,omitempty"` // what is worth knowing: first run, a lost run closed, a mapping that changed
	Next     []string         `json:"next,omitempty"`  // what to do now

	Fence    int64         `json:"fence,omitempty"`
	Estimate int64         `json:"estimated_requests,omitempty"` // requests the plan asks for
	Requests int64         `json:"requests"`
	Retries  int64         `json:"retries,omitempty"`
	Waited   time.Duration `json:"waited_ns,omitempty"`
	AsOf     time.Time     `json:"as_of"`
	Took     time.Duration `json:"took_ns"`
	Sending  time.Duration `json:"sending_ns,omitempty"`

	// Err is why the run failed or stopped; nil otherwise.
	Err error `json:"-"`

	// What a plan keeps for being applied.
	PlanSQL string    `json:"plan_sql,omitempty"`
	Config  string    `json:"config_hash,omitempty"`
	Expires time.Time `json:"expires_at,omitzero"`
	Sample  []Sample  `json:"sample,omitempty"`

	// Row is what became of the one row that was asked for.
	Row *RowFate `json:"row,omitempty"`
}

// CauseOut is a cause as machines read it.
type CauseOut struct {
	Status  string   `json:"status"`
	Code    string   `json:"code,omitempty"`
	Field   string   `json:"field,omitempty"`
	Message string   `json:"message,omitempty"`
	N       int64    `json:"n"`
	Keys    []string `json:"first_keys,omitempty"`
}

// Problem is a reason why source rows are not wanted.
type Problem struct {
	Class    plan.Class `json:"class"`
	Code     string     `json:"code"`
	Field    string     `json:"field,omitempty"`
	N        int64      `json:"n"`
	FirstKey string     `json:"first_key,omitempty"`
}

// FieldCount is how many changed rows send a field.
type FieldCount struct {
	Field string `json:"field"`
	N     int64  `json:"n"`
}

// GuardHit is a guard that held something.
type GuardHit struct {
	Guard    string `json:"guard"`
	N        int64  `json:"n"`
	Limit    int64  `json:"limit"`
	Of       int64  `json:"of"`
	Whole    bool   `json:"holds_run"`
	Sentence string `json:"sentence"`
}

// Sample is one planned row for people, its values masked.
type Sample struct {
	Key      string `json:"key"`
	Class    string `json:"class"`
	Op       string `json:"op"`
	Reason   string `json:"reason,omitempty"`
	Match    string `json:"match,omitempty"`
	OldMatch string `json:"old_match,omitempty"`
	Had      string `json:"had,omitempty"`
	Sent     string `json:"sent,omitempty"`
}

func (r *Report) note(s string) { r.Notes = append(r.Notes, s) }

// setCauses keeps the causes of a tally, the most frequent first.
func (r *Report) setCauses(t *deliver.Tally) {
	r.Causes = t.Sorted()
	r.CauseOut = nil
	for _, c := range r.Causes {
		r.CauseOut = append(r.CauseOut, CauseOut{Status: c.Status.String(), Code: c.Code, Field: c.Field, Message: c.Message, N: c.N, Keys: c.Keys})
	}
}
