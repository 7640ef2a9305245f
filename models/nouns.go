// Package models is the nouns of a project and how they become SQL. It never
// sees a connection.
package models

import (
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
)

// Project is a folder's declarations as nouns.
type Project struct {
	Dir          string // absolute
	Name         string
	Timezone     string // IANA, default UTC
	Target       string // the target in force: --target, WEIR_TARGET, target:, or the only one
	Targets      []*Target
	Purposes     []string
	Defaults     Defaults
	Sources      []*Source
	Destinations []*Destination
	Syncs        []*Sync
	Moved        []Moved
	Retired      []Retired
	Secrets      []string // values never to be shown
}

// Defaults are `defaults:` of weir.yml.
type Defaults struct {
	Lease       time.Duration // default 60s
	MaxDuration time.Duration // 0 = none
	Grace       time.Duration // after the first signal, default 20s
}

// Meta is what every named thing carries.
type Meta struct {
	Name        string
	Label       string
	Description string
	Owner       string
	Tags        []string
	Enabled     bool
	Place       diag.Place
}

// Target is a warehouse, a schema in it and whether it is live.
type Target struct {
	Meta
	Live      bool
	Schema    string          // default "weir"
	Type      string          // the warehouse's type
	Warehouse *config.Section // the settings of that type
}

// Source is a table, a query or files.
type Source struct {
	Meta
	Table      string            // one of table, files, SQL
	Files      string            // a glob, relative to the project
	SQL        map[string]string // by dialect; "default" for the rest
	SQLPlace   diag.Place        // where the text starts, to point into it
	PrimaryKey []string
	OccurredAt string
	Zone       string
	Columns    []ColumnRule
	Freshness  *Freshness
}

// ColumnRule is one line of a source's contract.
type ColumnRule struct {
	Name    string
	Type    rows.Type // 0 = not said
	NotNull bool
	Unique  bool
	Unit    string
	PII     string // what personal data it is: name, email, phone; "" = none
	Values  []string
	Place   diag.Place
}

// Freshness says when a source is too old.
type Freshness struct {
	Column     string
	Warn, Hold time.Duration
	Place      diag.Place
}

// Destination is one account of one outside tool.
type Destination struct {
	Meta
	Type     string
	Settings *config.Section
	Spec     *destinations.Spec
	Account  string // `account:`, "" = as the adapter says
}

// Sync is a source mapped to an object of a destination.
type Sync struct {
	Meta
	From        *Source
	To          *Destination
	Object      string
	Kind        destinations.Kind
	Mode        destinations.Mode
	Match       []Mapping // in the order declared
	Fields      []Mapping
	Event       *EventRule
	EventID     string // event.id: must be the primary key
	Purposes    []string
	Exempt      string // consent: {exempt: "why"}
	Schedule    *Schedule
	Guards      Guards
	OnDuplicate OnDuplicate
	OnGone      string // park | recreate | forget
	OnUnknown   string // hold | resend
	OnUnmap     string // leave | clear
	RemoveOnly  string // any | created: what a mirror may remove
	Yields      bool
	Keep        string // fields | identifiers
}

// Mapping is one destination field and where its value comes from.
type Mapping struct {
	To    string
	From  string  // a column of the source; "" where Value is given
	Value *string // a constant, as JSON text
	Set   string  // always | created
	Nulls string  // "" = by the rule (clear what was ours) | skip | clear
	Place diag.Place
}

// EventRule is `event:` of a sync.
type EventRule struct {
	At       string // the time column; default the source's occurred_at
	Name     string
	Start    string // now | all | a date
	Lookback time.Duration
	Keep     time.Duration
	Place    diag.Place
}

// Schedule is when a sync runs by itself.
type Schedule struct {
	Cron     string
	Every    time.Duration
	After    []string
	Timezone string
	Jitter   time.Duration
	Place    diag.Place
}

// Limit is a share of the ledger, a number of rows, or both. Nil pointers are not said.
type Limit struct {
	Share *float64
	Rows  *int64
}

// Guards hold a dangerous run.
type Guards struct {
	MaxRemoved, MaxAdded, MaxChanged, MaxInvalid *Limit
	MinRows                                      *int64
	MaxRequests                                  *int64
	HoldRun                                      bool // hold: run
	Place                                        diag.Place
}

// OnDuplicate is what happens to rows that share a key or a match: fail, hold or first.
type OnDuplicate struct {
	Key, Match string
	OrderBy    []Order
}

// Order is one column of order_by.
type Order struct {
	Column string
	Desc   bool
}

// Moved is a renamed sync.
type Moved struct {
	From, To string
	Place    diag.Place
}

// Retired is a deleted sync and what becomes of its rows.
type Retired struct {
	Sync  string
	Then  string // remove | keep
	Place diag.Place
}

// Schema is the columns of sources, by source name: as last pulled into
// .weir/schema.json, or as the warehouse just described them.
type Schema map[string][]SchemaColumn

// SchemaColumn is a column as the warehouse has it.
type SchemaColumn struct {
	Name   string `json:"name"`
	Native string `json:"native"`
	Type   string `json:"type"`
}
