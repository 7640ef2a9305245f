package webhook

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/weir-data/weir/destinations"
)

// Sandbox is an endpoint that keeps what it is sent: records by sync and
// match, events by id. It answers for every record, as the wire asks.
type Sandbox struct {
	mu      sync.Mutex
	records map[string]*held // by sync and match, or key, or event id
	seen    map[string]int   // how often a record's id came
	write   func([]byte) error
}

// held is one record.
type held struct {
	Sync, Match string
	Fields      map[string]json.RawMessage
	Writes      int
}

// NewSandbox is an empty one.
func NewSandbox() *Sandbox {
	s := &Sandbox{}
	s.Reset()
	return s
}

// Reset implements destinations.Sandbox.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records, s.seen = map[string]*held{}, map[string]int{}
}

// OnWrite implements destinations.Sandbox.
func (s *Sandbox) OnWrite(f func(line []byte) error) { s.write = f }

// wire is the usual body.
type wire struct {
	Sync    string       `json:"sync"`
	Records []wireRecord `json:"records"`
}

type wireRecord struct {
	ID       string                     `json:"id"`
	Op       string                     `json:"op"`
	Key      json.RawMessage            `json:"key"`
	Match    json.RawMessage            `json:"match"`
	OldMatch json.RawMessage            `json:"old_match,omitempty"`
	Fields   map[string]json.RawMessage `json:"fields"`
}

// result is the answer for one record.
type result struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Created bool   `json:"created"`
}

// ServeHTTP implements http.Handler.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client left
	}
	if !json.Valid(body) {
		http.Error(w, `{"error":"the body is not JSON"}`, http.StatusBadRequest)
		return
	}
	results, err := s.take(body)
	if err != nil {
		http.Error(w, fmt.Sprintf(`{"error":%q}`, err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
}

// take applies a body and writes it down before it is answered.
func (s *Sandbox) take(body []byte) ([]result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.apply(body)
	if s.write != nil {
		return out, s.write(body)
	}
	return out, nil
}

// Apply implements destinations.Sandbox.
func (s *Sandbox) Apply(line []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apply(line)
	return nil
}

func (s *Sandbox) apply(body []byte) []result {
	var in wire
	if json.Unmarshal(body, &in) != nil || len(in.Records) == 0 || in.Records[0].ID == "" {
		return s.other(body)
	}
	out := make([]result, len(in.Records))
	for i := range in.Records {
		out[i] = s.one(in.Sync, &in.Records[i])
	}
	return out
}

// other keeps a body of another form as one record.
func (s *Sandbox) other(body []byte) []result {
	at := fmt.Sprintf("request %d", len(s.records)+1)
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		fields = map[string]json.RawMessage{"body": body}
	}
	s.records[at] = &held{Match: at, Fields: fields, Writes: 1}
	return nil
}

func (s *Sandbox) one(sync string, r *wireRecord) result {
	s.seen[r.ID]++
	res := result{ID: r.ID, Status: "ok"}
	at := place(sync, r.Match, r.Key)
	switch r.Op {
	case "append":
		at = sync + "\x00" + r.ID
		if s.records[at] == nil {
			s.records[at] = &held{Sync: sync, Match: string(r.Key), Fields: r.Fields}
			res.Created = true
		}
	case "remove":
		if s.records[at] == nil {
			res.Status = "missing"
			return res
		}
		delete(s.records, at)
		return res
	default:
		if !s.upsert(sync, at, r, &res) {
			return res
		}
	}
	s.records[at].Writes++
	return res
}

// upsert finds the record, by its old match too, and merges the fields.
func (s *Sandbox) upsert(sync, at string, r *wireRecord, res *result) bool {
	if len(r.OldMatch) > 0 {
		if old := place(sync, r.OldMatch, r.Key); s.records[old] != nil {
			s.records[at] = s.records[old]
			delete(s.records, old)
		}
	}
	h := s.records[at]
	switch {
	case r.Op == "update" && h == nil:
		res.Status = "missing"
		return false
	case r.Op == "insert" && h != nil:
		res.Status = "exists"
		return false
	case h == nil:
		h = &held{Sync: sync, Fields: map[string]json.RawMessage{}}
		s.records[at], res.Created = h, true
	}
	h.Match = matchText(r.Match, r.Key)
	for k, v := range r.Fields {
		h.Fields[k] = v
	}
	return true
}

func place(sync string, match, key json.RawMessage) string {
	return sync + "\x00" + matchText(match, key)
}

func matchText(match, key json.RawMessage) string {
	if m := string(match); m != "" && m != "{}" {
		return m
	}
	return string(key)
}

// State implements destinations.Sandbox.
func (s *Sandbox) State() []destinations.SandboxRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]destinations.SandboxRecord, 0, len(s.records))
	for _, h := range s.records {
		out = append(out, destinations.SandboxRecord{Object: h.Sync, Match: h.Match, Fields: canonical(h.Fields), Writes: h.Writes})
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Object < out[j].Object || out[i].Object == out[j].Object && out[i].Match < out[j].Match
	})
	return out
}

// Repeats is how many records came again that had come before.
func (s *Sandbox) Repeats() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, times := range s.seen {
		n += times - 1
	}
	return n
}

func canonical(fields map[string]json.RawMessage) string {
	names := make([]string, 0, len(fields))
	for k := range fields {
		names = append(names, k)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range names {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(k)
		b.Write(name)
		b.WriteByte(':')
		b.Write(fields[k])
	}
	b.WriteByte('}')
	return b.String()
}
