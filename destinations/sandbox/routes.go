package sandbox

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/weir-data/weir/destinations"
)

// State is what the stand-in of one destination holds.
type State struct {
	Destination string                       `json:"destination"`
	Type        string                       `json:"type"`
	Requests    int64                        `json:"requests"` // all that came, since it was started
	Failed      int64                        `json:"failed"`   // those that met a fault
	Counts      destinations.SandboxCounts   `json:"counts"`   // what was taken, since the last reset
	Faults      []Fault                      `json:"faults"`
	Records     []destinations.SandboxRecord `json:"records"`
}

func (h *Host) state() State {
	st := State{Destination: h.Name, Type: h.Type, Requests: h.requests.Load(), Failed: h.failed.Load(), Counts: h.Counts(), Faults: h.script.faults(), Records: h.Box.State()}
	if st.Faults == nil {
		st.Faults = []Fault{}
	}
	return st
}

// ServeHTTP sends a request to the stand-in it names, or to the sandbox's own paths.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name := r.Header.Get(destinations.SandboxHeader); name != "" {
		h := s.Host(name)
		if h == nil {
			// Not the records' fault: they wait until it is known.
			fail(w, http.StatusServiceUnavailable, fmt.Errorf("the sandbox at %s was started without the destination %q (start it again)", s.found.Address, name))
			return
		}
		h.ServeHTTP(w, r)
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/_weir/"):
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(TokenHeader)), []byte(s.found.Token)) != 1 {
			fail(w, http.StatusUnauthorized, fmt.Errorf("this path needs the sandbox's token, in the header %s", TokenHeader))
			return
		}
		s.control(w, r)
	case !s.here(r.Host):
		fail(w, http.StatusForbidden, fmt.Errorf("the sandbox is at http://%s", s.found.Address))
	case r.URL.Path == "/" && r.Method == http.MethodGet:
		s.page(w, r)
	default:
		fail(w, http.StatusNotFound, fmt.Errorf("a request to the sandbox names its destination in the header %s", destinations.SandboxHeader))
	}
}

// here tells whether a request's host is this machine by name, so that a page
// from elsewhere cannot read through a name that it points here.
func (s *Server) here(host string) bool {
	if host == s.found.Address {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// control is the sandbox's own paths.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /_weir/ping":
		reply(w, map[string]bool{"ok": true})
	case "GET /_weir/hold":
		s.held(w, r)
	case "GET /_weir/state":
		s.states(w, r)
	case "POST /_weir/reset":
		s.each(w, r, (*Host).Reset)
	case "POST /_weir/destinations":
		var types map[string]string
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&types); err != nil {
			fail(w, http.StatusBadRequest, fmt.Errorf("destinations are a JSON object of name and type: %w", err))
			return
		}
		if err := s.serve(types); err != nil {
			fail(w, http.StatusBadRequest, err)
			return
		}
		reply(w, map[string]bool{"ok": true})
	case "POST /_weir/faults":
		list, err := ReadFaults(r.Body)
		if err != nil {
			fail(w, http.StatusBadRequest, err)
			return
		}
		s.each(w, r, func(h *Host) error { return h.Fail(list...) })
	default:
		fail(w, http.StatusNotFound, fmt.Errorf("the sandbox has no %s %s", r.Method, r.URL.Path))
	}
}

// meant is the destinations that a request names; all without a name.
func (s *Server) meant(w http.ResponseWriter, r *http.Request) ([]*Host, bool) {
	name := r.URL.Query().Get("destination")
	if name == "" {
		return s.list(), true
	}
	h := s.Host(name)
	if h == nil {
		fail(w, http.StatusNotFound, fmt.Errorf("the sandbox has no destination %q", name))
		return nil, false
	}
	return []*Host{h}, true
}

func (s *Server) each(w http.ResponseWriter, r *http.Request, do func(*Host) error) {
	hosts, ok := s.meant(w, r)
	if !ok {
		return
	}
	for _, h := range hosts {
		if err := do(h); err != nil {
			fail(w, http.StatusBadRequest, fmt.Errorf("destination %s: %w", h.Name, err))
			return
		}
	}
	reply(w, map[string]bool{"ok": true})
}

func (s *Server) states(w http.ResponseWriter, r *http.Request) {
	hosts, ok := s.meant(w, r)
	if !ok {
		return
	}
	out := make([]State, 0, len(hosts))
	for _, h := range hosts {
		if err := h.ready(); err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
		out = append(out, h.state())
	}
	reply(w, out)
}

// held keeps the server up while another process has this request open.
func (s *Server) held(w http.ResponseWriter, r *http.Request) {
	s.hold(1)
	defer s.hold(-1)
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
