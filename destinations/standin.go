package destinations

import (
	"net/http"
	"sync"
)

// Sandbox is a vendor's stateful stand-in. The handler sees requests as the
// vendor would; State is what the vendor would hold now.
type Sandbox interface {
	http.Handler
	// State is the records held, in a stable order.
	State() []SandboxRecord
	// Apply replays one line written earlier by the OnWrite function.
	Apply(line []byte) error
	// OnWrite is told every change of state, as one line of JSON, before the
	// request is answered.
	OnWrite(func(line []byte) error)
	// Reset forgets everything.
	Reset()
}

// SandboxRecord is one thing that a sandbox holds.
type SandboxRecord struct {
	Object string `json:"object"` // what it is: a sync's name, "contacts"
	Match  string `json:"match"`  // canonical JSON, or the key
	Fields string `json:"fields"` // canonical JSON object, names sorted
	Writes int    `json:"writes"` // how many times it was written
}

// Optional powers of a Sandbox, found by type assertion.
type (
	// SandboxCounter counts what a sandbox was sent since it was made or reset.
	SandboxCounter interface{ Counts() SandboxCounts }
	// SandboxCompacter gives its state as few lines that Apply understands, so
	// that a long history can be replaced by them.
	SandboxCompacter interface {
		Compact(line func([]byte) error) error
	}
	// SandboxRefuser can be told to refuse single records; the list replaces the
	// one before.
	SandboxRefuser interface{ Refuse([]RecordFault) }
)

// SandboxCounts is what a sandbox was sent. Repeats are records whose id had
// come before: sent twice.
type SandboxCounts struct {
	Requests int64 `json:"requests"`
	Records  int64 `json:"records"`
	Repeats  int64 `json:"repeats"`
}

// StandIn is what every Sandbox has: embed it. Its lock guards the sandbox's
// own state too.
type StandIn struct {
	sync.Mutex
	// Write is told every change, if it is not nil; Came is what was sent.
	Write func(line []byte) error
	Came  SandboxCounts
}

// OnWrite implements Sandbox.
func (s *StandIn) OnWrite(f func(line []byte) error) {
	s.Lock()
	defer s.Unlock()
	s.Write = f
}

// Counts implements SandboxCounter.
func (s *StandIn) Counts() SandboxCounts {
	s.Lock()
	defer s.Unlock()
	return s.Came
}

// RecordFault makes a sandbox refuse one record, found by its key, or by a value
// that is sent of it where the vendor is not sent the key.
type RecordFault struct {
	Key   string `json:"key"`             // canonical text
	Code  string `json:"code,omitempty"`  // "invalid"
	Field string `json:"field,omitempty"` // the field at fault
	// Whole: the request that holds the record is refused as a whole, and
	// nothing of it is taken.
	Whole bool `json:"whole,omitempty"`
}
