package sandbox

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/weir-data/weir/destinations"
)

// Host is the stand-in of one destination: the vendor's box, the faults it was
// told, and the file that it remembers by.
type Host struct {
	Name string
	Type string
	Box  destinations.Sandbox

	script   script
	requests atomic.Int64
	failed   atomic.Int64

	open   sync.Once
	file   *history // nil: in memory only
	broken error
}

// NewHost makes the stand-in of a destination, in memory.
func NewHost(name string, spec *destinations.Spec) *Host {
	return &Host{Name: name, Type: spec.Type, Box: spec.Sandbox(name)}
}

// Fail tells how to fail from now on; an empty list ends it.
func (h *Host) Fail(list ...Fault) error {
	var records []destinations.RecordFault
	for i := range list {
		if err := list[i].check(); err != nil {
			return err
		}
		if list[i].Record != nil {
			records = append(records, *list[i].Record)
		}
	}
	refuser, can := h.Box.(destinations.SandboxRefuser)
	if !can && len(records) > 0 {
		return errNoRefusals
	}
	if can {
		refuser.Refuse(records)
	}
	h.script.set(list)
	return nil
}

// Requests is how many requests came, failed ones among them.
func (h *Host) Requests() int64 { return h.requests.Load() }

// Counts is what the box was sent; zero where it does not count.
func (h *Host) Counts() destinations.SandboxCounts {
	if c, ok := h.Box.(destinations.SandboxCounter); ok {
		return c.Counts()
	}
	return destinations.SandboxCounts{}
}

// ready replays what was remembered, before the first request.
func (h *Host) ready() error {
	h.open.Do(func() {
		if h.file != nil {
			h.broken = h.file.replay(h.Box)
		}
	})
	return h.broken
}

// Reset forgets everything but the faults.
func (h *Host) Reset() error {
	if err := h.ready(); err != nil {
		return err
	}
	h.Box.Reset()
	h.requests.Store(0)
	h.failed.Store(0)
	if h.file != nil {
		return h.file.clear()
	}
	return nil
}

// ServeHTTP answers as the vendor would, or as it was told to fail.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.ready(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.requests.Add(1)
	if f := h.script.next(); f != nil {
		h.failed.Add(1)
		f.apply(h.Box, w, r)
		return
	}
	h.Box.ServeHTTP(w, r)
}
