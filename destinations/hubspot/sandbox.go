package hubspot

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/destinations"
)

// portal is the id of the sandbox's account.
const portal = 1000001

// Sandbox is an account of HubSpot that remembers: it keeps records by object,
// knows their properties, and refuses what HubSpot refuses. Custom objects are
// there as soon as a property of theirs is made.
type Sandbox struct {
	destinations.StandIn // a repeat, in its counts, is a write that changed nothing of a record

	tables map[string]*table
	next   int64 // the last id given
	faults []destinations.RecordFault
	came   []time.Time // requests of the last ten seconds
	made   *change     // what the request under way changes
}

// table is the records of one object.
type table struct {
	name    string
	props   []*property // in the order they were made
	records map[string]*stored
	merged  map[string]string // ids that were merged away, and into what
	unique  map[string]string // who has a unique value: property and value → id
}

// stored is one record.
type stored struct {
	Object   string            `json:"object"`
	ID       string            `json:"id"`
	Props    map[string]string `json:"properties"`
	By       string            `json:"by,omitempty"` // the property it was last found by
	Archived bool              `json:"archived,omitempty"`
	Writes   int               `json:"writes"`
	Made     time.Time         `json:"made"`
	Changed  time.Time         `json:"changed"`
}

// change is what one request changes: a line of the sandbox's file.
type change struct {
	Records    []*stored   `json:"records,omitempty"`
	Properties []*propLine `json:"properties,omitempty"`
	Dropped    []*propLine `json:"dropped,omitempty"`
	Erased     []ref       `json:"erased,omitempty"`
	Merged     []ref       `json:"merged,omitempty"`
}

type propLine struct {
	Object string `json:"object"`
	property
}

type ref struct {
	Object string `json:"object"`
	ID     string `json:"id"`
	Into   string `json:"into,omitempty"`
}

// NewSandbox is an account with HubSpot's own properties and no records.
func NewSandbox() *Sandbox {
	s := &Sandbox{}
	s.Reset()
	return s
}

// Reset implements destinations.Sandbox.
func (s *Sandbox) Reset() {
	s.Lock()
	defer s.Unlock()
	s.tables, s.next, s.Came, s.came = map[string]*table{}, 500, destinations.SandboxCounts{}, nil
	for name, props := range ownProperties() {
		s.table(name).props = props
	}
}

// table is the records of an object, made where it is new.
func (s *Sandbox) table(name string) *table {
	t := s.tables[name]
	if t == nil {
		t = &table{name: name, records: map[string]*stored{}, merged: map[string]string{}, unique: map[string]string{}}
		if _, own := ownText[name]; !own {
			t.props = everyObjects()
		}
		s.tables[name] = t
	}
	return t
}

func (t *table) prop(name string) *property {
	for _, p := range t.props {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Refuse implements destinations.SandboxRefuser. A record is known by any value
// that is sent of it: its key is not.
func (s *Sandbox) Refuse(list []destinations.RecordFault) {
	s.Lock()
	defer s.Unlock()
	s.faults = slices.Clone(list)
}

// paths are those of the API, in its versions.
var paths = regexp.MustCompile(`^/(?:crm/v3/(objects|properties)|crm/(objects|properties)/20\d\d-\d\d(?:-beta)?|(account-info|crm-object-schemas)/(?:v3|20\d\d-\d\d(?:-beta)?))/([^/]+)(?:/(.+))?$`)

// ServeHTTP implements http.Handler.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client left
	}
	s.Lock()
	a := s.answer(r, body, w.Header())
	if a.status < 300 {
		a = s.note(a)
	}
	s.Unlock()
	if a.body != nil {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
	}
	w.WriteHeader(a.status)
	if a.body != nil {
		_ = json.NewEncoder(w).Encode(a.body)
	}
}

// reply is an answer: a status and what becomes JSON, nil for nothing.
type reply struct {
	status int
	body   any
}

func (s *Sandbox) answer(r *http.Request, body []byte, h http.Header) reply {
	s.Came.Requests++
	s.made = &change{}
	if !s.admit(time.Now(), h) {
		return reply{http.StatusTooManyRequests, map[string]any{"status": "error", "message": "You have reached your ten_secondly_rolling limit.", "errorType": "RATE_LIMIT", "category": "RATE_LIMITS", "policyName": "TEN_SECONDLY_ROLLING"}}
	}
	m := paths.FindStringSubmatch(r.URL.Path)
	if m == nil {
		return reply{http.StatusNotFound, map[string]any{"status": "error", "message": "resource not found"}}
	}
	what := r.Method + " " + m[1] + m[2] + m[3]
	switch {
	case what == "GET account-info" && m[4] == "details":
		return reply{http.StatusOK, map[string]any{"portalId": portal, "accountType": "SANDBOX", "timeZone": "UTC", "companyCurrency": "USD", "additionalCurrencies": []string{}, "utcOffset": "+00:00", "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1"}}
	case what == "GET crm-object-schemas" && m[4] == "schemas":
		return s.schemas()
	case what == "POST properties" || what == "DELETE properties" || what == "GET properties":
		return s.property(r.Method, m[4], m[5], body)
	case what == "POST objects":
		t := s.known(m[4])
		if t == nil {
			return invalid("Unable to infer object type from: " + m[4])
		}
		return s.object(t, m[5], body)
	}
	return reply{http.StatusMethodNotAllowed, map[string]any{"status": "error", "message": "method not allowed"}}
}

// known is an object that is there; its id does as well as its name.
func (s *Sandbox) known(name string) *table {
	if own := map[string]string{"0-1": "contacts", "0-2": "companies", "0-3": "deals"}[name]; own != "" {
		name = own
	}
	return s.tables[name]
}

// limits of the sandbox: those of the larger plans.
const window = 10 * time.Second

// admit counts a request, and refuses it where there were too many.
func (s *Sandbox) admit(now time.Time, h http.Header) bool {
	most := perTenSeconds["enterprise"]
	for len(s.came) > 0 && now.Sub(s.came[0]) >= window {
		s.came = s.came[1:]
	}
	ok := len(s.came) < most
	if ok {
		s.came = append(s.came, now)
	}
	h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(most))
	h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(most-len(s.came)))
	h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(window.Milliseconds(), 10))
	return ok
}

// note has the changes of a request written down before it is answered.
func (s *Sandbox) note(a reply) reply {
	c := s.made
	if s.Write == nil || c == nil || len(c.Records)+len(c.Properties)+len(c.Dropped)+len(c.Erased)+len(c.Merged) == 0 {
		return a
	}
	line, err := json.Marshal(c)
	if err == nil {
		err = s.Write(line)
	}
	if err != nil {
		return reply{http.StatusInternalServerError, map[string]any{"status": "error", "message": "the sandbox could not write to its file"}}
	}
	return a
}

// Apply implements destinations.Sandbox.
func (s *Sandbox) Apply(line []byte) error {
	var c change
	if err := json.Unmarshal(line, &c); err != nil {
		return fmt.Errorf("a line of %d bytes is not a change of HubSpot's sandbox: %w", len(line), err)
	}
	s.Lock()
	defer s.Unlock()
	for _, p := range c.Properties {
		t := s.table(p.Object)
		if t.prop(p.Name) == nil {
			t.props = append(t.props, &p.property)
		}
	}
	for _, p := range c.Dropped {
		s.table(p.Object).drop(p.Name)
	}
	for _, r := range c.Records {
		s.table(r.Object).put(r)
		if id, err := strconv.ParseInt(r.ID, 10, 64); err == nil {
			s.next = max(s.next, id)
		}
	}
	for _, r := range c.Merged {
		s.table(r.Object).merged[r.ID] = r.Into
	}
	for _, r := range c.Erased {
		s.table(r.Object).erase(r.ID)
	}
	return nil
}

// Compact implements destinations.SandboxCompacter.
func (s *Sandbox) Compact(line func([]byte) error) error {
	s.Lock()
	defer s.Unlock()
	for _, t := range s.sorted() {
		c := change{}
		for _, p := range t.props {
			c.Properties = append(c.Properties, &propLine{t.name, *p})
		}
		for _, p := range readProperties(t.name, ownText[t.name]) {
			if t.prop(p.Name) == nil {
				c.Dropped = append(c.Dropped, &propLine{t.name, *p})
			}
		}
		for id, into := range t.merged {
			c.Merged = append(c.Merged, ref{t.name, id, into})
		}
		for _, r := range t.records {
			c.Records = append(c.Records, r)
		}
		text, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if err := line(text); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sandbox) sorted() []*table {
	out := make([]*table, 0, len(s.tables))
	for _, t := range s.tables {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	return out
}

// State implements destinations.Sandbox.
func (s *Sandbox) State() []destinations.SandboxRecord {
	s.Lock()
	defer s.Unlock()
	var out []destinations.SandboxRecord
	for _, t := range s.sorted() {
		from := len(out)
		for _, r := range t.records {
			if !r.Archived {
				out = append(out, t.shown(r))
			}
		}
		slices.SortFunc(out[from:], func(a, b destinations.SandboxRecord) int { return strings.Compare(a.Match, b.Match) })
	}
	return out
}

// shown is a record as people see it: numbers and truths as such, without what
// HubSpot itself keeps.
func (t *table) shown(r *stored) destinations.SandboxRecord {
	fields := map[string]any{}
	for name, v := range r.Props {
		if name == r.By {
			continue
		}
		fields[name] = v
		if p := t.prop(name); p != nil && (p.Type == "number" || p.Type == "bool") && json.Valid([]byte(v)) {
			fields[name] = json.RawMessage(v)
		}
	}
	out := destinations.SandboxRecord{Object: t.name, Match: r.ID, Writes: r.Writes}
	if v, ok := r.Props[r.By]; ok {
		out.Match = text(map[string]string{r.By: v})
	}
	out.Fields = text(fields)
	return out
}

// text is a value as canonical JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}
