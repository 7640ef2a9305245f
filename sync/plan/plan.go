// Package plan compares what a sync wants with what its ledger says was
// acknowledged, as SQL and as a value: every statement is made without a
// connection and without a clock, so the same value is shown, tested and run.
package plan

import (
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/warehouse"
)

// Input is all that a plan depends on.
type Input struct {
	D      *warehouse.Dialect
	Query  *models.Query
	Sync   *models.Sync
	SyncID string

	Ledger warehouse.Table
	// Others are ledgers of other syncs on the same resource: what they hold is not removed.
	Others []warehouse.Table

	// Work tables of the run, and its plan.
	Differs, Plan warehouse.Table

	AsOf      time.Time
	RefreshAt time.Time // acknowledgements older than this are refreshed; zero = never
	After     time.Time // events: rows at or before this are not wanted; zero = all
	// Restamp: hashes in the ledger were made by another scheme or for another
	// mapping, so fields are compared as text and equal rows are only re-stamped.
	Restamp bool
	// OnWithdrawal is what a withdrawn row becomes: remove, clear or stop; "" is
	// the kind's own: records are cleared, events stop.
	OnWithdrawal string
	// LedgerEmpty: nothing to compare with; every row is new.
	LedgerEmpty bool
}

// Class is what a row is in a plan. Each row is in exactly one.
type Class string

// The classes of rows, in the order they are tested.
const (
	Added      Class = "added"
	Settling   Class = "settling"
	Changed    Class = "changed"
	Parked     Class = "parked"
	Refreshed  Class = "refreshed"
	Unchanged  Class = "unchanged"
	Frozen     Class = "frozen"
	Forgotten  Class = "forgotten"
	Withheld   Class = "withheld"
	Stale      Class = "stale"
	Removed    Class = "removed"
	Cleared    Class = "cleared"
	Kept       Class = "kept"
	Invalid    Class = "invalid"
	Suppressed Class = "suppressed"
	Duplicate  Class = "duplicate"
)

// What the plan knows of a row's place in the ledger before the run.
const (
	BeforeNone    = "none"    // no row
	BeforePresent = "present" // there because of us
	BeforeDoubt   = "doubt"   // pending or unknown
	BeforeAbsent  = "absent"  // parked, never there
)

// Reasons, where a class alone does not say why.
const (
	ReasonWithdrawn   = "withdrawn"
	ReasonMissing     = "consent_missing"
	ReasonLeft        = "left"
	ReasonLeftEarlier = "left_earlier"
	ReasonHandedOver  = "handed_over"
	ReasonShared      = "shared"
	ReasonRefused     = "refused"
	ReasonOverdue     = "overdue"
	ReasonCycle       = "replaces"
)

// Phases in which operations are sent, one after the other. Between them,
// waves of renames that wait for one another.
const (
	PhaseWithdrawals = 0
	PhaseWrites      = 1
	PhaseRemovals    = 1_000_000
)

// Unmapped is the Set of a field that was mapped before: what was written
// to it is cleared, once.
const Unmapped = "unmapped"

// mirrors tells whether the sync removes what left.
func (in *Input) mirrors() bool { return in.Sync.Mode == destinations.Mirror }

// event tells whether the sync appends events.
func (in *Input) event() bool { return in.Sync.Kind == destinations.Event }

// op is the operation of added and changed rows in the sync's mode.
func (in *Input) op() destinations.Op {
	switch in.Sync.Mode {
	case destinations.Update:
		return destinations.OpUpdate
	case destinations.Insert:
		return destinations.OpInsert
	case destinations.Append:
		return destinations.OpAppend
	case destinations.Remove:
		return destinations.OpRemove
	default:
		return destinations.OpUpsert
	}
}

// matched tells whether two keys may share a match, so that renames and
// hand-overs are possible.
func (in *Input) matched() bool { return !in.Query.MatchIsKey && !in.event() }

// timestamp is a literal of the warehouse's timestamp type.
func (in *Input) timestamp(t time.Time) string {
	return in.D.Timestamp(t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}
