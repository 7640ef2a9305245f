package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/weir-data/weir/destinations"
)

// Fault is one way in which a sandbox fails. Faults are looked at in order and
// the first that applies to a request is what happens; nothing is left to chance.
type Fault struct {
	// Which requests: those after the first After, every Every-th of them, at
	// most Times. Zero means from the first, each, and for ever.
	After int `json:"after,omitempty"`
	Every int `json:"every,omitempty"`
	Times int `json:"times,omitempty"`

	// Status answers with it, and the request is not looked at.
	Status     int    `json:"status,omitempty"`
	RetryAfter string `json:"retry_after,omitempty"` // beside Status: seconds, or an HTTP date
	Body       string `json:"body,omitempty"`        // beside Status
	// Hang never answers; the request is not looked at.
	Hang bool `json:"hang,omitempty"`
	// Drop closes the connection: "before" the request is looked at, or "after".
	Drop string `json:"drop,omitempty"`
	// Slow waits before the request is looked at: "200ms".
	Slow string `json:"slow,omitempty"`
	// NotJSON answers 200 with a page of HTML, after the request is looked at.
	NotJSON bool `json:"not_json,omitempty"`
	// Record refuses one record, for as long as the fault stands.
	Record *destinations.RecordFault `json:"record,omitempty"`
}

// check refuses a fault that would do nothing, or nobody knows what.
func (f *Fault) check() error {
	kinds := 0
	for _, is := range []bool{f.Status != 0, f.Hang, f.Drop != "", f.Slow != "", f.NotJSON, f.Record != nil} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("a fault says one of status, hang, drop, slow, not_json and record")
	case f.After < 0 || f.Every < 0 || f.Times < 0:
		return errors.New("after, every and times are not negative")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d is not from 200 to 599", f.Status)
	case f.Drop != "" && f.Drop != "before" && f.Drop != "after":
		return fmt.Errorf("drop is before or after, not %q", f.Drop)
	case f.Record != nil && f.Record.Key == "":
		return errors.New("record needs the key of the record")
	}
	if f.Slow != "" {
		if d, err := time.ParseDuration(f.Slow); err != nil || d < 0 {
			return fmt.Errorf("slow %q is not a time like 200ms", f.Slow)
		}
	}
	return nil
}

// ReadFaults reads a JSON list of faults, or a single one.
func ReadFaults(r io.Reader) ([]Fault, error) {
	data, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, err
	}
	if one := bytes.TrimSpace(data); len(one) > 0 && one[0] == '{' {
		data = append(append([]byte("["), one...), ']')
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var list []Fault
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("the faults are not a JSON list of faults: %w", err)
	}
	for i := range list {
		if err := list[i].check(); err != nil {
			return nil, fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	return list, nil
}

// script applies faults to the requests of one destination.
type script struct {
	mu    sync.Mutex
	list  []Fault
	seen  []int // requests each fault has looked at
	fired []int
}

func (s *script) set(list []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.seen, s.fired = list, make([]int, len(list)), make([]int, len(list))
}

func (s *script) faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// next is the fault that this request meets; nil for none.
func (s *script) next() *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hit *Fault
	for i := range s.list {
		f := &s.list[i]
		if f.Record != nil {
			continue
		}
		s.seen[i]++
		n := s.seen[i] - f.After
		switch {
		case hit != nil, n <= 0, f.Every > 1 && n%f.Every != 0, f.Times > 0 && s.fired[i] >= f.Times:
			continue
		}
		s.fired[i]++
		hit = f
	}
	return hit
}

// apply answers a request, as the fault says or as the box does.
func (f *Fault) apply(box http.Handler, w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Hang:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case f.Drop == "before":
		panic(http.ErrAbortHandler)
	case f.Drop == "after":
		box.ServeHTTP(&unheard{header: http.Header{}}, r)
		panic(http.ErrAbortHandler)
	case f.Slow != "":
		d, _ := time.ParseDuration(f.Slow)
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			box.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	case f.NotJSON:
		box.ServeHTTP(&unheard{header: http.Header{}}, r)
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><body>It works!</body></html>")
	default:
		f.answer(w, r)
	}
}

func (f *Fault) answer(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	body := f.Body
	if body == "" {
		body = fmt.Sprintf(`{"error":{"message":"the sandbox was told to answer %d"}}`, f.Status)
	}
	if strings.HasPrefix(body, "{") {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(f.Status)
	if f.Status != http.StatusNoContent && f.Status != http.StatusNotModified {
		_, _ = io.WriteString(w, body)
	}
}

// unheard takes an answer that nobody will hear.
type unheard struct{ header http.Header }

func (u *unheard) Header() http.Header         { return u.header }
func (u *unheard) Write(p []byte) (int, error) { return len(p), nil }
func (u *unheard) WriteHeader(int)             {}
