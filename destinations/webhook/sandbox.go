package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/weir-data/weir/destinations"
)

// Sandbox is an endpoint that remembers what it is sent: records by sync and
// match, events by id. It answers for every record, as the wire asks. Bodies of
// another form are kept one by one as they came.
type Sandbox struct {
	destinations.StandIn

	records map[string]*held                    // by sync and place, or event id
	seen    map[[16]byte]struct{}               // the ids that came
	faults  map[string]destinations.RecordFault // by key
}

// held is one record.
type held struct {
	Sync   string          `json:"sync"`
	Match  json.RawMessage `json:"match"`
	Fields json.RawMessage `json:"fields"`
	Writes int             `json:"writes"`
	ID     string          `json:"id,omitempty"` // of an event
}

// NewSandbox is an empty one.
func NewSandbox() *Sandbox {
	s := &Sandbox{}
	s.Reset()
	return s
}

// Reset implements destinations.Sandbox.
func (s *Sandbox) Reset() {
	s.Lock()
	defer s.Unlock()
	s.records, s.seen, s.Came = map[string]*held{}, map[[16]byte]struct{}{}, destinations.SandboxCounts{}
}

// Refuse implements destinations.SandboxRefuser.
func (s *Sandbox) Refuse(list []destinations.RecordFault) {
	s.Lock()
	defer s.Unlock()
	s.faults = make(map[string]destinations.RecordFault, len(list))
	for _, f := range list {
		if f.Code == "" {
			f.Code = "invalid"
		}
		s.faults[f.Key] = f
	}
}

// Repeats is how many records came whose id had come before.
func (s *Sandbox) Repeats() int { return int(s.Counts().Repeats) }

// ServeHTTP implements http.Handler.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var buf bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength < 64<<20 {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(r.Body); err != nil {
		return // the client left
	}
	w.Header().Set("Content-Type", "application/json")
	body, ok := compact(buf.Bytes())
	if !ok {
		answer(w, http.StatusBadRequest, `{"error":{"code":"not_json","message":"the body is not JSON"}}`)
		return
	}
	status, results := s.take(body)
	answer(w, status, results)
}

func answer(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// take applies a body, and has it written down before it is answered.
func (s *Sandbox) take(body []byte) (int, string) {
	in, usual := readWire(body)
	s.Lock()
	defer s.Unlock()
	s.Came.Requests++
	if f, refused := s.refused(&in); refused {
		return http.StatusBadRequest, fmt.Sprintf(`{"error":{"code":%q,"message":"a record of the request is not valid"}}`, f.Code)
	}
	var b strings.Builder
	if usual {
		b.Grow(len(in.records) * 80)
		b.WriteString(`{"results":[`)
		s.all(&in, &b)
		b.WriteString("]}")
	} else {
		s.other(body)
		b.WriteString(`{"ok":true}`)
	}
	if line := s.line(&in, usual, body); s.Write != nil && line != nil {
		if err := s.Write(line); err != nil {
			return http.StatusInternalServerError, `{"error":{"code":"sandbox","message":"the sandbox could not write to its file"}}`
		}
	}
	return http.StatusOK, b.String()
}

// refused looks for a record for which the whole request is refused.
func (s *Sandbox) refused(in *wire) (destinations.RecordFault, bool) {
	if len(s.faults) > 0 {
		for i := range in.records {
			if f, ok := s.faults[keyText(in.records[i].key)]; ok && f.Whole {
				return f, true
			}
		}
	}
	return destinations.RecordFault{}, false
}

// line is what is written down of a request: the body, without refused records;
// nil where nothing is left of it.
func (s *Sandbox) line(in *wire, usual bool, body []byte) []byte {
	if !usual || len(s.faults) == 0 {
		return body
	}
	out := append(appendText([]byte(`{"sync":`), in.sync), `,"records":[`...)
	n := 0
	for i := range in.records {
		r := &in.records[i]
		if _, refused := s.faults[keyText(r.key)]; refused {
			continue
		}
		if n++; n > 1 {
			out = append(out, ',')
		}
		out = r.append(out)
	}
	if n == 0 {
		return nil
	}
	return append(out, "]}"...)
}

func (r *wireRecord) append(out []byte) []byte {
	out = appendText(append(out, `{"id":`...), r.id)
	out = appendText(append(out, `,"op":`...), r.op)
	for _, m := range [...]struct {
		name  string
		value json.RawMessage
	}{{`,"key":`, r.key}, {`,"match":`, r.match}, {`,"old_match":`, r.oldMatch}, {`,"fields":`, r.fields}} {
		if m.value != nil {
			out = append(append(out, m.name...), m.value...)
		}
	}
	return append(out, '}')
}

// Apply implements destinations.Sandbox.
func (s *Sandbox) Apply(line []byte) error {
	body, ok := compact(line)
	if !ok {
		return fmt.Errorf("a line of %d bytes is not JSON", len(line))
	}
	var kept struct{ Held *held }
	if bytes.HasPrefix(body, []byte(`{"held":`)) && json.Unmarshal(body, &kept) == nil && kept.Held != nil {
		s.Lock()
		defer s.Unlock()
		s.restore(kept.Held)
		return nil
	}
	in, usual := readWire(body)
	s.Lock()
	defer s.Unlock()
	s.Came.Requests++
	if usual {
		s.all(&in, nil)
	} else {
		s.other(body)
	}
	return nil
}

// Compact implements destinations.SandboxCompacter. What it forgets is which
// ids had come of records that are not events.
func (s *Sandbox) Compact(line func([]byte) error) error {
	s.Lock()
	defer s.Unlock()
	for _, h := range s.sorted() {
		text, err := json.Marshal(struct {
			Held *held `json:"held"`
		}{h})
		if err != nil {
			return err
		}
		if err := line(text); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sandbox) restore(h *held) {
	at := h.Sync + "\x00" + string(h.Match)
	if h.ID != "" {
		at = h.Sync + "\x00\x00" + h.ID
		s.seen[idOf(h.ID)] = struct{}{}
	}
	s.records[at] = h
	s.Came.Records += int64(h.Writes)
}

// idOf is an id in few bytes.
func idOf(id string) [16]byte {
	var out [16]byte
	if len(id) == 32 {
		if _, err := hex.Decode(out[:], []byte(id)); err == nil {
			return out
		}
	}
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

// State implements destinations.Sandbox.
func (s *Sandbox) State() []destinations.SandboxRecord {
	s.Lock()
	defer s.Unlock()
	list := s.sorted()
	out := make([]destinations.SandboxRecord, len(list))
	for i, h := range list {
		out[i] = destinations.SandboxRecord{Object: h.Sync, Match: text(h.Match), Fields: canonical(h.Fields), Writes: h.Writes}
	}
	return out
}

func (s *Sandbox) sorted() []*held {
	list := make([]*held, 0, len(s.records))
	for _, h := range s.records {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b *held) int {
		if c := strings.Compare(a.Sync, b.Sync); c != 0 {
			return c
		}
		if c := bytes.Compare(a.Match, b.Match); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list
}

// canonical is an object with its names sorted.
func canonical(fields json.RawMessage) string {
	if len(fields) == 0 || fields[0] != '{' {
		return string(fields)
	}
	members := map[string]json.RawMessage{}
	var names []string
	for name, v := range destinations.Members(fields) {
		if _, twice := members[string(name)]; !twice {
			names = append(names, string(name))
		}
		members[string(name)] = v
	}
	slices.Sort(names)
	return string(object(names, members))
}
