package destinations

import (
	"fmt"
	"time"
)

// Status is what an adapter says of one record.
type Status uint8

// The statuses; what each one writes to the ledger stands in docs/ledger.md.
const (
	Accepted Status = iota + 1
	Rejected
	Later
	Missing
	Exists
	Pending
	Unknown
)

var statusNames = [...]string{Accepted: "accepted", Rejected: "rejected", Later: "deferred", Missing: "missing",
	Exists: "exists", Pending: "pending", Unknown: "unknown"}

// String is the status as the journal and people's output spell it.
func (s Status) String() string {
	if int(s) < len(statusNames) && statusNames[s] != "" {
		return statusNames[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// Created tells whether Weir made the record.
type Created uint8

// CreatedUnknown is for a destination that does not say.
const (
	CreatedUnknown Created = iota
	CreatedYes
	CreatedNo
)

// Outcome is the fate of one record. Message is for people: redacted, at most
// 300 bytes, without values of the row.
type Outcome struct {
	Status   Status
	Created  Created
	RemoteID string
	Code     string // a stable word for counting: "http_400", "invalid_email"
	Field    string
	Message  string
	Final    bool          // Rejected for good: never retried by itself
	After    time.Duration // Later
	Request  string        // Pending: the handle to poll
}

// AuthError says that the destination does not know us, or forbids all of it:
// the run stops at once.
type AuthError struct{ Err error }

func (e *AuthError) Error() string { return e.Err.Error() }
func (e *AuthError) Unwrap() error { return e.Err }

// RefusedError says that the destination refused a request as a whole because
// of something in it (a 4xx): the Sender bisects the batch to find the record.
type RefusedError struct {
	Code    string
	Field   string
	Message string
}

func (e *RefusedError) Error() string { return e.Message }

// DownError says that the destination answered that it cannot work now (5xx,
// 429 with a long wait), or that no connection could be made: nothing was
// accepted. After is what it asked for, 0 when it did not say.
type DownError struct {
	Code  string
	After time.Duration
	Err   error
}

func (e *DownError) Error() string { return e.Err.Error() }
func (e *DownError) Unwrap() error { return e.Err }

// LostError says that the request was sent and its answer did not come: the
// records may be there or not.
type LostError struct {
	Code string
	Err  error
}

func (e *LostError) Error() string { return e.Err.Error() }
func (e *LostError) Unwrap() error { return e.Err }
