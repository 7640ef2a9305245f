// Package destinations is the tools that data goes to. An adapter implements
// Destination: it shapes requests and reads answers. The Sender stands in front
// of every adapter and does what is the same for all: batching, limits, retries,
// bisecting a refused batch, time-outs, redaction.
package destinations

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/weir-data/weir/config"
)

// Destination is one account of one outside tool.
type Destination interface {
	// Deliver sends b and reports one outcome per record, in order. An error
	// means that nothing is known of any record. It never sleeps and never loops
	// on failure: the Sender decides what is tried again.
	Deliver(ctx context.Context, b *Batch) ([]Outcome, error)
}

// Optional powers, one method each, found by type assertion.
type (
	// Account tells which account this is, as a text that stays the same while
	// the account does. Secrets are never in it.
	Account interface {
		Account(ctx context.Context) (string, error)
	}
	// Checker tries the credentials without changing anything.
	Checker interface {
		Check(ctx context.Context) error
	}
	// Preparer makes what an object needs before the first record: a list, an
	// audience. It may be repeated.
	Preparer interface {
		Prepare(ctx context.Context, object string) error
	}
	// Finder finds the destination's own ids of records, in order; "" where there is none.
	Finder interface {
		Find(ctx context.Context, b *Batch) ([]string, error)
	}
	// Describer tells what can be mapped: one object with its fields, or, where
	// object is "", every object without them.
	Describer interface {
		Describe(ctx context.Context, object string) ([]ObjectInfo, error)
	}
	// Eraser erases the records of a batch for good, where removing them would
	// leave something to be restored. It finds them as Deliver does and reports
	// one outcome per record, in order: Accepted is erased, Missing was not
	// there. It may be repeated. With an error the outcomes beside it are facts,
	// and records that were not tried are Later.
	Eraser interface {
		Erase(ctx context.Context, b *Batch) ([]Outcome, error)
	}
)

// Kind is what an object of a destination is (ledger: kinds and modes).
type Kind string

// The kinds.
const (
	Record   Kind = "record"
	Event    Kind = "event"
	Audience Kind = "audience"
	File     Kind = "file"
)

// Mode is what a sync may do to an object.
type Mode string

// The modes.
const (
	Upsert Mode = "upsert"
	Update Mode = "update"
	Insert Mode = "insert"
	Mirror Mode = "mirror"
	Remove Mode = "remove"
	Append Mode = "append"
)

// Object is one thing of a destination that a sync can write to.
type Object struct {
	Name string // "" matches any name the sync gives
	// Pattern takes more names than Name, which then is only how they are
	// spelled for people: a regular expression of whole names.
	Pattern string
	Doc     string
	Kind    Kind
	Modes   []Mode // the default first
	// Match says whether a sync must say how records are found, and MatchFields
	// by how many fields at most; 0 = any number.
	Match       MatchRule
	MatchFields int
}

// Takes tells whether a sync may call the object so.
func (o *Object) Takes(name string) bool {
	if o.Pattern != "" {
		ok, err := regexp.MatchString("^(?:"+o.Pattern+")$", name)
		return err == nil && ok
	}
	return o.Name == "" || o.Name == name
}

// MatchRule says what `match:` of a sync may be.
type MatchRule string

// The rules. Without a match the key itself finds the record.
const (
	MatchNever    MatchRule = "never"
	MatchOptional MatchRule = "optional"
	MatchRequired MatchRule = "required"
)

// Spec is everything that is known of a kind of destination before one is opened.
type Spec struct {
	Type    string
	Label   string
	Doc     string
	Fields  []config.Field // its settings; decode, lint, docs, schema and masking come from here
	Objects []Object
	// Rename: a record can be found by its old match or by the destination's own
	// id, so that a changed match renames it in place.
	Rename bool
	// Limits are what the settings say about how to send; the client is made from them.
	Limits func(s *config.Section) (Limits, error)
	// Open makes the adapter from its settings. It does not connect.
	Open func(s *config.Section, env Env) (Opened, error)
	// Sandbox makes the vendor's stand-in for a destination of that name.
	Sandbox func(name string) Sandbox
}

// Opened is an adapter and what its settings say about how to send.
type Opened struct {
	Destination Destination
	Account     string // as far as it is known without asking; see the Account power
	Limits      Limits
}

// Limits belong to the account and are shared by all its syncs.
type Limits struct {
	BatchRows   int           // records in one request
	BatchBytes  int           // bytes of a request's body; 0 = no limit
	Connections int           // requests at once
	Rates       []Rate        // all of them hold
	Timeout     time.Duration // of one attempt
	// Repeatable: a request whose answer was lost may be sent again without harm.
	Repeatable bool
	// InsertOnce: a record that is only inserted may be there twice when its
	// request is repeated, although everything else may be.
	InsertOnce bool
	// Wait reads what an answer asks to wait, 0 for nothing, before the account
	// is sent anything more: for destinations that say it otherwise than by
	// Retry-After. The body is nil where the status is below 400. Nil = none does.
	Wait func(code int, h http.Header, body []byte) time.Duration
	// AllowPrivate: requests may go to private addresses.
	AllowPrivate bool
}

// Rate is n requests per some time.
type Rate struct {
	Requests int
	Per      time.Duration
}

// Env is what an adapter gets from its surroundings.
type Env struct {
	// Client sends requests: limits, retries, time-outs and, on a target that is
	// not live, the way to the sandbox are inside it.
	Client *http.Client
	// Sandboxed: this target is not live; settings may be unset.
	Sandboxed bool
	// Name is the destination's name in the project.
	Name string
}
