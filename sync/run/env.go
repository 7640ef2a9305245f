// Package run is the life of a run: it alone knows models, plan, deliver and
// ledger together. A run is claimed, planned, guarded, sent, folded and proved;
// killed between any two of these, the next one goes on from what is durable.
package run

import (
	"context"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/warehouse"
)

// Env is what runs share: an open project on an open target.
type Env struct {
	Project *models.Project
	Target  *models.Target
	Conn    warehouse.Conn
	Store   *ledger.Store
	// Outlet opens the way to a destination; syncs of one destination share it.
	Outlet func(ctx context.Context, d *models.Destination) (*Outlet, error)
	// Progress is told how far a run is; nil for none.
	Progress func(Progress)
	// Cut ends requests under way; the context of a run only ends reading.
	Cut context.Context
	// Crash is called between every two durable steps, for tests that kill.
	Crash func(step string)
	Now   func() time.Time
}

// Outlet is an opened destination with its Sender in front.
type Outlet struct {
	Sender  deliver.Sender
	Account string
	Limits  destinations.Limits
	Spec    *destinations.Spec
	// Guard sets what is asked before every attempt: the run's lease.
	Guard func(alive func() error)
	// Requests and Retries are how many were sent so far.
	Requests, Retries func() int64
	// Waited is how long attempts waited for limits and retries.
	Waited func() time.Duration
	// Tap sets what sees every attempt as it goes; nil for nobody.
	Tap func(see func(destinations.Exchange))
	// Notes are what is worth knowing of the answers since it was last asked.
	Notes func() []string
}

// Progress is how far a run is.
type Progress struct {
	Sync    string
	State   string
	Done    int64
	Planned int64
	Started time.Time
}

func (e *Env) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}

func (e *Env) step(name string) {
	if e.Crash != nil {
		e.Crash(name)
	}
}

func (e *Env) progress(p Progress) {
	if e.Progress != nil {
		e.Progress(p)
	}
}

// live tells whether the target reaches real accounts.
func (e *Env) live() bool { return e.Target.Live }
