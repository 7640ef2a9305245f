// Package sandbox hosts the stand-ins of all vendors behind one address: where
// requests go while a target is not live. It remembers what it was sent, shows
// it as a page, and fails when it is told to.
package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weir-data/weir/destinations"
)

// DefaultAddress is where a sandbox listens that is started as a command.
const DefaultAddress = "127.0.0.1:7447"

// Destination is a destination of a project that a sandbox stands in for.
type Destination struct {
	Name string
	Spec *destinations.Spec
}

// Options of a server.
type Options struct {
	// ProjectDir is the folder whose .weir/ remembers; with Memory nothing is written.
	ProjectDir string
	Memory     bool
	// Address to listen at; "" is a free port of this machine.
	Address      string
	Destinations []Destination
	// Specs are more kinds of destinations that may be asked for later.
	Specs []destinations.Spec
}

// types are the kinds of the destinations, by name.
func (o *Options) types() map[string]string {
	out := make(map[string]string, len(o.Destinations))
	for _, d := range o.Destinations {
		out[d.Name] = d.Spec.Type
	}
	return out
}

// spec is a kind of destination; nil where it is not known.
func (o *Options) spec(typ string) *destinations.Spec {
	for _, d := range o.Destinations {
		if d.Spec.Type == typ {
			return d.Spec
		}
	}
	for i := range o.Specs {
		if o.Specs[i].Type == typ {
			return &o.Specs[i]
		}
	}
	return nil
}

var errNoRefusals = errors.New("this destination's stand-in cannot refuse single records")

// RunningError says that the project has a sandbox already.
type RunningError struct{ Found *Found }

func (e *RunningError) Error() string {
	return fmt.Sprintf("a sandbox of this project is running already at http://%s (process %d)", e.Found.Address, e.Found.PID)
}

// Server is a running sandbox.
type Server struct {
	o     Options
	found Found
	http  *http.Server
	done  chan struct{} // closed when it no longer serves
	lock  *os.File

	mu    sync.Mutex
	hosts map[string]*Host
	holds int           // other processes that use it
	freed chan struct{} // one of them no longer does
	end   context.CancelFunc
}

// Start starts a sandbox and returns when it listens. Where the project has one
// already it returns a RunningError.
func Start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{o: o, hosts: map[string]*Host{}, done: make(chan struct{}), freed: make(chan struct{}, 1)}
	if err := s.claim(ctx); err != nil {
		return nil, err
	}
	if err := s.listen(ctx); err != nil {
		s.unclaim()
		return nil, err
	}
	return s, nil
}

// Reach finds the sandbox of a project, or starts one in this process at a free
// port. Stop ends the one that was started, once no other process uses it, or
// says that this process needs the found one no longer.
func Reach(ctx context.Context, o Options) (at *Found, stop func(context.Context) error, err error) {
	for range 3 { // the one that was found may be ending
		var s *Server
		if s, err = Start(ctx, o); err == nil {
			return s.Found(), s.Shutdown, nil
		}
		var running *RunningError
		if !errors.As(err, &running) {
			return nil, nil, err
		}
		var release func()
		if release, err = running.Found.hold(ctx); err != nil {
			continue
		}
		if err = running.Found.Serve(ctx, o.types()); err == nil {
			return running.Found, func(context.Context) error { release(); return nil }, nil
		}
		release()
	}
	return nil, nil, err
}

// claim takes the project's lock: its files have one writer.
func (s *Server) claim(ctx context.Context) error {
	if s.o.Memory {
		return s.serve(s.o.types())
	}
	dir := filepath.Join(s.o.ProjectDir, ".weir", "sandbox")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make a place for the sandbox to remember: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(s.o.ProjectDir, ".weir", "sandbox.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the sandbox's lock: %w", err)
	}
	for try := 0; !tryLock(lock); try++ {
		if f, _ := Find(ctx, s.o.ProjectDir); f != nil {
			_ = lock.Close()
			return &RunningError{Found: f}
		}
		// It is only just starting or ending.
		if err := wait(ctx, 50*time.Millisecond); err != nil || try > 100 {
			_ = lock.Close()
			return fmt.Errorf("another process has the sandbox of this project (%s is locked) and does not answer", lock.Name())
		}
	}
	s.lock = lock
	if err := s.serve(s.o.types()); err != nil {
		s.unclaim()
		return err
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) unclaim() {
	for _, h := range s.list() {
		if h.file != nil {
			_ = h.file.close()
		}
	}
	if s.lock != nil {
		_ = s.lock.Close()
	}
}

func (s *Server) listen(ctx context.Context) error {
	address := s.o.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return fmt.Errorf("the sandbox cannot listen at %s: %w (choose another with --addr)", address, err)
	}
	s.found = Found{PID: os.Getpid(), Address: l.Addr().String(), Token: rand.Text()}
	if err := s.note(); err != nil {
		_ = l.Close()
		return err
	}
	base, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return base }}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l)
	}()
	return nil
}

// note writes down where the sandbox is, whole or not at all.
func (s *Server) note() error {
	if s.o.Memory {
		return nil
	}
	data, err := json.Marshal(s.found)
	if err != nil {
		return err
	}
	path := recordPath(s.o.ProjectDir)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write down where the sandbox is: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write down where the sandbox is: %w", err)
	}
	return nil
}

// Found is where the server is and its token.
func (s *Server) Found() *Found { return &s.found }

// URL is where requests go.
func (s *Server) URL() *url.URL { return s.found.URL() }

// Done is closed when the server no longer serves.
func (s *Server) Done() <-chan struct{} { return s.done }

// Close ends the server at once.
func (s *Server) Close() error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	return s.Shutdown(now)
}

// Shutdown ends the server: it waits for the processes that hold it, then for
// the requests under way; when ctx ends it waits no longer.
func (s *Server) Shutdown(ctx context.Context) error {
	for s.inUse() {
		select {
		case <-s.freed:
			continue
		case <-ctx.Done():
		}
		break
	}
	if !s.o.Memory {
		_ = os.Remove(recordPath(s.o.ProjectDir))
	}
	s.end()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	<-s.done
	s.unclaim()
	return err
}

func (s *Server) inUse() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.holds > 0
}

func (s *Server) hold(n int) {
	s.mu.Lock()
	s.holds += n
	s.mu.Unlock()
	if n < 0 {
		select {
		case s.freed <- struct{}{}:
		default:
		}
	}
}

// serve adds destinations, by name their type.
func (s *Server) serve(types map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, typ := range types {
		if h := s.hosts[name]; h != nil && h.Type == typ {
			continue
		}
		spec := s.o.spec(typ)
		if spec == nil || spec.Sandbox == nil {
			return fmt.Errorf("there is no sandbox for a destination of type %s", typ)
		}
		h := NewHost(name, spec)
		if !s.o.Memory {
			h.file = &history{path: filepath.Join(s.o.ProjectDir, ".weir", "sandbox", url.PathEscape(name)+".jsonl")}
		}
		if old := s.hosts[name]; old != nil && old.file != nil {
			_ = old.file.close() // it has become another kind of destination
		}
		s.hosts[name] = h
	}
	return nil
}

// Host is the stand-in of a destination; nil where there is none.
func (s *Server) Host(name string) *Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hosts[name]
}

func (s *Server) list() []*Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Host, 0, len(s.hosts))
	for _, h := range s.hosts {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b *Host) int { return strings.Compare(a.Name, b.Name) })
	return out
}
