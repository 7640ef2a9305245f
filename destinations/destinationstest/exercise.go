package destinationstest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/sandbox"
	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// Address is what {{address}} stands for in a Case's settings.
const Address = "https://destination.example"

// Case is an adapter to exercise, against the vendor's stand-in of its Spec.
type Case struct {
	Spec destinations.Spec
	// Settings of a destination as YAML, without name and type; {{address}} is
	// where the stand-in is.
	Settings string
	// Secrets are values of the settings that no error and no message may show.
	Secrets []string
	// Object that the records go to, "" where the Spec takes any.
	Object string
	// Prepare makes what the vendor must have before the records: fields called
	// name and visits. Nil where it takes any.
	Prepare func(standIn http.Handler)
	// Key is how the stand-in knows the n-th person, to refuse it; nil for its
	// key, which only some vendors are sent.
	Key func(n int) string
}

// Exercise runs the whole suite. What the adapter cannot do is left out by what
// its Spec declares.
func Exercise(t *testing.T, c Case) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"upsert", upserts}, {"update", updates}, {"insert", inserts}, {"remove", removes}, {"rename", renames}, {"append", appends},
		{"one bad record", oneBadRecord}, {"all bad records", allBadRecords}, {"sizes", sizes},
		{"busy, then fine", busyThenFine}, {"down", down}, {"told to wait long", longWait},
		{"not repeatable", notRepeatable}, {"dropped after", droppedAfter}, {"hangs", hangs}, {"not JSON", notJSON},
		{"stopped", stopped}, {"lease", lease}, {"connections", connections},
	} {
		t.Run(part.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { part.run(t, newRig(t, c, nil)) })
		})
	}
	t.Run("codes", func(t *testing.T) { everyCode(t, c) })
}

// rig is an adapter with its Sender in front and the stand-in behind.
type rig struct {
	t      *testing.T
	c      Case
	host   *sandbox.Host
	client *destinations.Client
	opened destinations.Opened
	sender *destinations.Sender

	mu       sync.Mutex
	inside   int // requests being looked at
	most     int
	requests int
}

// newRig opens the case's adapter. Change changes its limits, before anything is made from them.
func newRig(t *testing.T, c Case, change func(*destinations.Limits)) *rig {
	t.Helper()
	r := &rig{t: t, c: c, host: sandbox.NewHost("tested", &c.Spec)}
	settings := Settings(t, &c.Spec, strings.ReplaceAll(c.Settings, "{{address}}", Address))
	limits, err := c.Spec.Limits(settings)
	if err != nil {
		t.Fatalf("limits: %v", err)
	}
	if change != nil {
		change(&limits)
	}
	r.client = destinations.NewClient(destinations.ClientOptions{Name: "tested", Limits: limits, Base: Wire(r)})
	r.opened, err = c.Spec.Open(settings, destinations.Env{Client: r.client.HTTP(), Name: "tested"})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if change != nil {
		change(&r.opened.Limits)
	}
	NoSecretIn(t, c.Secrets, r.opened.Account)
	r.sender = destinations.NewSender(r.opened, r.client)
	if c.Prepare != nil {
		c.Prepare(r.host)
	}
	return r
}

// known is how the stand-in knows the n-th person.
func (r *rig) known(n int) string {
	if r.c.Key != nil {
		return r.c.Key(n)
	}
	return Person(destinations.OpUpsert, n).Key
}

// Settings decodes the settings of a destination from YAML; what is wrong with
// them fails the test.
func Settings(t testing.TB, spec *destinations.Spec, text string) *config.Section {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("settings: %v", err)
	}
	root := &yaml.Node{Kind: yaml.MappingNode}
	if len(doc.Content) > 0 {
		root = doc.Content[0]
	}
	var found diag.Findings
	d := &config.Decoder{File: &config.File{Path: "settings.yml", Lines: strings.Split(text, "\n")}, Lookup: func(string) (string, bool) { return "", false }, Found: &found}
	s := d.Section(root, spec.Fields, "the destination")
	for _, f := range found.Sorted() {
		t.Fatalf("settings: %s", f.Message)
	}
	return s
}

// ServeHTTP counts requests on their way to the stand-in.
func (r *rig) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.requests++
	r.inside++
	r.most = max(r.most, r.inside)
	r.mu.Unlock()
	defer func() { r.mu.Lock(); r.inside--; r.mu.Unlock() }()
	r.host.ServeHTTP(w, req)
}

func (r *rig) fail(list ...sandbox.Fault) {
	r.t.Helper()
	if err := r.host.Fail(list...); err != nil {
		r.t.Fatal(err)
	}
}

// object is the Spec's object of a kind that has a mode; nil where there is none.
func (r *rig) object(k destinations.Kind, m destinations.Mode) *destinations.Object {
	for i := range r.c.Spec.Objects {
		o := &r.c.Spec.Objects[i]
		if o.Kind != k || !o.Takes(r.c.Object) {
			continue
		}
		for _, has := range o.Modes {
			if has == m {
				return o
			}
		}
	}
	return nil
}

// need skips the test where the adapter does not have a mode.
func (r *rig) need(k destinations.Kind, m destinations.Mode) {
	r.t.Helper()
	if r.object(k, m) == nil {
		r.t.Skipf("%s has no %s of a %s", r.c.Spec.Type, m, k)
	}
}

func (r *rig) people() *destinations.Sync {
	s := People()
	s.Object = r.c.Object
	return s
}

// send sends records and wants an outcome for each; no text shows a secret.
func (r *rig) send(recs ...Rec) []destinations.Outcome {
	r.t.Helper()
	out, err := r.try(context.Background(), r.people(), recs...)
	if err != nil {
		r.t.Fatalf("send: %v", err)
	}
	return out
}

func (r *rig) try(ctx context.Context, s *destinations.Sync, recs ...Rec) ([]destinations.Outcome, error) {
	r.t.Helper()
	b := Batch(s, recs...)
	defer b.Release()
	out, err := r.sender.Send(ctx, b)
	if out != nil && len(out) != len(recs) {
		r.t.Fatalf("%d outcomes for %d records", len(out), len(recs))
	}
	for i := range out {
		NoSecretIn(r.t, r.c.Secrets, out[i].Message, out[i].Code, out[i].Field)
		NoSecretIn(r.t, []string{Email(i), recs[i].Match}, out[i].Message, out[i].Code)
		if len(out[i].Message) > 300 {
			r.t.Errorf("a message of %d bytes", len(out[i].Message))
		}
	}
	if err != nil {
		NoSecretIn(r.t, r.c.Secrets, err.Error())
	}
	return out, err
}

// want compares the statuses of outcomes.
func (r *rig) want(out []destinations.Outcome, statuses ...destinations.Status) {
	r.t.Helper()
	for i := range out {
		want := statuses[min(i, len(statuses)-1)]
		if out[i].Status != want {
			r.t.Errorf("record %d is %v (%s: %s), not %v", i, out[i].Status, out[i].Code, out[i].Message, want)
		}
	}
}

// holds compares how many records the stand-in has.
func (r *rig) holds(n int) []destinations.SandboxRecord {
	r.t.Helper()
	state := r.host.Box.State()
	if len(state) != n {
		r.t.Fatalf("the stand-in holds %d records, not %d: %v", len(state), n, state)
	}
	return state
}
