package destinationstest

import (
	"context"
	"encoding/json"
	"maps"
	"sync"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
)

// Memory is a destination in memory: the plainest that keeps the contract. It
// records what it was sent and fails when it is told to.
type Memory struct {
	mu      sync.Mutex
	records map[string]map[string]json.RawMessage
	sent    []Sent
	sends   int
	fail    func(*destinations.Batch) ([]destinations.Outcome, error)
}

// Sent is one record as it arrived.
type Sent struct {
	Op       destinations.Op
	ID       string
	Key      string
	Match    string
	OldMatch string
	Fields   string
}

// NewMemory is an empty one.
func NewMemory() *Memory { return &Memory{records: map[string]map[string]json.RawMessage{}} }

// MemoryLimits are those of a Memory.
var MemoryLimits = destinations.Limits{BatchRows: 100, Connections: 4, Repeatable: true}

// Spec is this Memory as a kind of destination, `memory`; whatever is opened
// from it is the same one.
func (m *Memory) Spec() destinations.Spec {
	return destinations.Spec{
		Type:  "memory",
		Label: "Memory",
		Doc:   "Keeps what it is sent, for tests.",
		Objects: []destinations.Object{
			{Doc: "Records.", Kind: destinations.Record, Match: destinations.MatchOptional, Modes: []destinations.Mode{destinations.Upsert, destinations.Update, destinations.Insert, destinations.Mirror, destinations.Remove}},
			{Doc: "Events.", Kind: destinations.Event, Match: destinations.MatchNever, Modes: []destinations.Mode{destinations.Append}},
		},
		Rename: true,
		Limits: func(*config.Section) (destinations.Limits, error) { return MemoryLimits, nil },
		Open: func(*config.Section, destinations.Env) (destinations.Opened, error) {
			return destinations.Opened{Destination: m, Account: "memory", Limits: MemoryLimits}, nil
		},
	}
}

// Fail is asked before each send from now on: what it returns is the answer,
// and nothing is kept. Nil outcomes without an error let the send pass.
func (m *Memory) Fail(with func(*destinations.Batch) ([]destinations.Outcome, error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = with
}

// Sends is how many batches came.
func (m *Memory) Sends() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sends
}

// Sent is every record that was taken, in order.
func (m *Memory) Sent() []Sent {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Sent(nil), m.sent...)
}

// Records is what is held: fields as canonical JSON, by match or key.
func (m *Memory) Records() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]string, len(m.records))
	for at, fields := range m.records {
		text, err := json.Marshal(fields)
		if err != nil {
			text = []byte(err.Error())
		}
		out[at] = string(text)
	}
	return out
}

// Deliver implements destinations.Destination.
func (m *Memory) Deliver(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sends++
	if m.fail != nil {
		if out, err := m.fail(b); out != nil || err != nil {
			return out, err
		}
	}
	out := make([]destinations.Outcome, b.Len())
	for i := range out {
		s := Sent{Op: b.Op(i), ID: string(b.AppendID(nil, i)), Key: string(b.AppendKeyText(nil, i)), Match: string(b.Match(i)), OldMatch: string(b.OldMatch(i)), Fields: string(b.Fields(i))}
		out[i] = m.take(&s)
		m.sent = append(m.sent, s)
	}
	return out, nil
}

func (m *Memory) take(s *Sent) destinations.Outcome {
	at := placeOf(s.Match, s.Key)
	if s.Op == destinations.OpAppend {
		at = s.ID
	}
	if old := placeOf(s.OldMatch, s.Key); s.OldMatch != "" && m.records[old] != nil {
		m.records[at] = m.records[old]
		delete(m.records, old)
	}
	held, there := m.records[at]
	switch s.Op {
	case destinations.OpRemove:
		delete(m.records, at)
		if !there {
			return destinations.Outcome{Status: destinations.Missing, Code: "missing"}
		}
		return destinations.Outcome{Status: destinations.Accepted}
	case destinations.OpUpdate:
		if !there {
			return destinations.Outcome{Status: destinations.Missing, Code: "missing"}
		}
	case destinations.OpInsert:
		if there {
			return destinations.Outcome{Status: destinations.Exists, Code: "exists"}
		}
	}
	m.records[at] = merge(held, s.Fields)
	created := destinations.CreatedYes
	if there {
		created = destinations.CreatedNo
	}
	return destinations.Outcome{Status: destinations.Accepted, Created: created, RemoteID: "m-" + s.Key}
}

func placeOf(match, key string) string {
	if match == "" || match == "{}" {
		return key
	}
	return match
}

func merge(held map[string]json.RawMessage, sent string) map[string]json.RawMessage {
	out := maps.Clone(held)
	if out == nil {
		out = map[string]json.RawMessage{}
	}
	for name, v := range destinations.Members([]byte(sent)) {
		if string(v) == "null" {
			delete(out, string(name))
			continue
		}
		out[string(name)] = append(json.RawMessage(nil), v...)
	}
	return out
}
