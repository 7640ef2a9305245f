package run_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/hubspot"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

const crmYAML = `version: 1
name: crm
targets: {dev: {warehouse: {type: duckdb, path: ":memory:"}}}
sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: crm, type: hubspot, access_token: x, rate: 10000/10s, properties: [{object: contacts, name: ltv, type: number}]}
syncs:
  - name: people_to_crm
    from: people
    to: crm
    object: contacts
    match: {email: email}
    fields: {firstname: name, ltv: ltv}
    %s
`

// crm is a thread whose destination is HubSpot's stand-in. It notes what is
// asked of it, and can lose one answer.
type crm struct {
	*thread
	box *hubspot.Sandbox

	mu    sync.Mutex
	asked []string
	lose  string // the end of the path whose answers are lost
}

func newCRM(t *testing.T, more string) *crm {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "weir.yml"), []byte(fmt.Sprintf(crmYAML, more)), 0o644); err != nil {
		t.Fatal(err)
	}
	files, findings := config.Load(dir)
	p, found := models.Parse(files, models.Options{Specs: []destinations.Spec{hubspot.Spec}, Warehouses: []warehouse.Spec{duckdb.Spec}, Lookup: func(string) (string, bool) { return "", false }})
	if findings = append(findings, found...); diag.HasErrors(findings) {
		t.Fatalf("%+v", findings)
	}
	conn, err := duckdb.Open(context.Background(), ":memory:", duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	store, err := ledger.Open(context.Background(), conn, "weir")
	if err != nil {
		t.Fatal(err)
	}
	c := &crm{thread: &thread{t: t, conn: conn, sync: p.Syncs[0]}, box: hubspot.NewSandbox()}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.env = &run.Env{Project: p, Target: p.Active(), Conn: conn, Store: store, Outlet: func(_ context.Context, d *models.Destination) (*run.Outlet, error) {
		return run.OpenOutlet(d, u)
	}}
	c.sql("CREATE TABLE people (id INTEGER, email VARCHAR, name VARCHAR, ltv DECIMAL(10,2))")
	return c
}

func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asked = append(c.asked, r.Method+" "+r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	lose := c.lose != "" && strings.HasSuffix(r.URL.Path, c.lose)
	c.mu.Unlock()
	if lose {
		c.box.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	c.box.ServeHTTP(w, r)
}

// writes are the requests since the last call that write records.
func (c *crm) writes() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, a := range c.asked {
		if what, ok := strings.CutPrefix(a, "POST "); ok && what != "contacts" {
			out = append(out, what)
		}
	}
	c.asked = nil
	return strings.Join(out, " ")
}

// there asks the stand-in as somebody would who works in HubSpot.
func (c *crm) there(method, path, body string) {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.box.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	if w.Code >= 300 {
		c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

func TestContactsToHubSpot(t *testing.T) {
	c := newCRM(t, "")
	c.sql("INSERT INTO people SELECT i, 'p' || i || '@x.example', 'Name ' || i, i FROM range(0, 500) t(i)")
	if r := c.run(); r.Counts.Accepted != 500 || r.Requests != 5 {
		t.Fatalf("%+v, %d requests", r.Counts, r.Requests)
	}
	if got := c.writes(); got != "upsert upsert upsert upsert upsert" {
		t.Errorf("500 new contacts: %s", got)
	}
	if r := c.run(); r.State != run.Quiet || len(c.asked) != 0 {
		t.Errorf("500 unchanged: %s, %v", r.State, c.asked)
	}
	c.sql("UPDATE people SET email = 'new@x.example' WHERE id = 7")
	if r := c.run(); r.Counts.Accepted != 1 || c.writes() != "update" {
		t.Errorf("a rename: %+v", r.Counts)
	}
	if n := len(c.box.State()); n != 500 {
		t.Errorf("%d contacts", n)
	}
}

// TestPropertyDeletedAfterTheFirstRun: nothing is sent, and it is said which
// property, where it is mapped.
func TestPropertyDeletedAfterTheFirstRun(t *testing.T) {
	c := newCRM(t, "")
	c.sql("INSERT INTO people VALUES (1, 'a@x.example', 'Ann', 1)")
	var was *run.Outlet
	open := c.env.Outlet
	c.env.Outlet = func(ctx context.Context, d *models.Destination) (_ *run.Outlet, err error) {
		if was == nil { // one process: the sandbox was given its properties once
			was, err = open(ctx, d)
		}
		return was, err
	}
	c.run()
	c.there(http.MethodDelete, "/crm/v3/properties/contacts/ltv", "")
	if r := c.run(); r.State != run.Quiet {
		t.Errorf("with nothing to send: %s", r.State)
	}
	c.sql("UPDATE people SET name = 'Bo'")
	c.writes()
	r := c.env.Run(context.Background(), c.sync, run.Options{})
	var found *run.FindingsError
	if !errors.As(r.Err, &found) || len(found.Findings) != 1 || found.Findings[0].Code != "fields.unknown" || found.Findings[0].Line != 14 {
		t.Fatalf("%+v, %v", found, r.Err)
	}
	if got := c.writes(); got != "" || r.Counts.Unsent != 1 {
		t.Errorf("sent %s, %+v", got, r.Counts)
	}
}

func TestContactArchivedInHubSpot(t *testing.T) {
	for onGone, want := range map[string]string{"park": "", "recreate": `{"firstname":"Ann","ltv":9} {"firstname":"Bo","ltv":8}`} {
		c := newCRM(t, "on_gone: "+onGone)
		c.sql("INSERT INTO people VALUES (1, 'a@x.example', 'Ann', 1), (2, 'b@x.example', 'Bo', 2)")
		c.run()
		c.there(http.MethodPost, "/crm/v3/objects/contacts/batch/archive", `{"inputs":[{"id":"501"},{"id":"502"}]}`)
		c.sql("UPDATE people SET ltv = 9 WHERE id = 1")
		if r := c.run(); r.Counts.Missing != 1 {
			t.Errorf("%s: %+v", onGone, r.Counts)
		}
		c.sql("UPDATE people SET ltv = 8 WHERE id = 2")
		c.run()
		c.run()
		var got []string
		for _, r := range c.box.State() {
			got = append(got, r.Fields)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", onGone, got)
		}
	}
}

func TestInsertWhoseAnswerIsLost(t *testing.T) {
	c := newCRM(t, "mode: insert")
	c.sql("INSERT INTO people VALUES (1, 'a@x.example', 'Ann', 1)")
	c.lose = "create"
	again := func() *run.Report { return c.env.Run(context.Background(), c.sync, run.Options{}) }
	if r := again(); r.Counts == nil || r.Counts.Unknown != 1 {
		t.Fatalf("%+v, %v", r.Counts, r.Err)
	}
	c.lose = ""
	again()
	again()
	if got := c.writes(); got != "create" {
		t.Errorf("an insert was sent again: %s", got)
	}
}

// TestContactsThatSwapAddresses: a cycle of renames cannot be done in place, so
// each row is written where its address leads, never by the id of the other.
func TestContactsThatSwapAddresses(t *testing.T) {
	c := newCRM(t, "")
	c.sql("INSERT INTO people VALUES (1, 'a@x.example', 'Ann', 1), (2, 'b@x.example', 'Bo', 2)")
	c.run()
	c.sql("UPDATE people SET email = CASE id WHEN 1 THEN 'b@x.example' ELSE 'a@x.example' END")
	c.run()
	c.sql("UPDATE people SET ltv = 9 WHERE id = 1")
	c.run()
	var got []string
	for _, r := range c.box.State() {
		got = append(got, r.Match+r.Fields)
	}
	if want := `{"email":"a@x.example"}{"firstname":"Bo","ltv":2} {"email":"b@x.example"}{"firstname":"Ann","ltv":9}`; strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
}
