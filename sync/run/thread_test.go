package run_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/webhook"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/engines"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

const projectYAML = `version: 1
name: shop
targets: {dev: {warehouse: {type: duckdb, path: ":memory:"}}}
sources:
  - name: customers
    table: customers
    primary_key: id
destinations:
  - {name: hook, type: webhook, url: "http://hook.example/x", batch_size: 2, connections: 2}
syncs:
  - name: customers_to_hook
    from: customers
    to: hook
    mode: %s
    match: {email: email}
    fields: {name: name, spent: spent, vip: vip}
`

// thread is a project on a fresh warehouse with a sandbox behind it.
type thread struct {
	t       *testing.T
	env     *run.Env
	conn    warehouse.Conn
	sandbox *webhook.Sandbox
	sync    *models.Sync
}

func newThread(t *testing.T, open engines.Open, yaml string) *thread {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "weir.yml"), []byte(yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	files, findings := config.Load(dir)
	p, more := models.Parse(files, models.Options{Specs: []destinations.Spec{webhook.Spec}, Warehouses: []warehouse.Spec{duckdb.Spec}, Lookup: func(string) (string, bool) { return "", false }})
	if findings = append(findings, more...); diag.HasErrors(findings) {
		var b strings.Builder
		diag.Render(&b, findings, false)
		t.Fatal(b.String())
	}
	conn, err := open(t)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	store, err := ledger.Open(ctx, conn, "weir")
	if err != nil {
		t.Fatal(err)
	}
	th := &thread{t: t, conn: conn, sandbox: webhook.NewSandbox(), sync: p.Syncs[0]}
	srv := httptest.NewServer(th.sandbox)
	t.Cleanup(srv.Close)
	u, _ := url.Parse(srv.URL)
	th.env = &run.Env{Project: p, Target: p.Active(), Conn: conn, Store: store, Outlet: func(_ context.Context, d *models.Destination) (*run.Outlet, error) {
		return run.OpenOutlet(d, u)
	}}
	return th
}

func (th *thread) sql(q string) {
	th.t.Helper()
	if _, err := th.conn.Exec(context.Background(), warehouse.Stmt{SQL: q}); err != nil {
		th.t.Fatal(err)
	}
}

func (th *thread) run() *run.Report {
	th.t.Helper()
	r := th.env.Run(context.Background(), th.sync, run.Options{})
	if r.Err != nil {
		th.t.Fatal(r.Err)
	}
	return r
}

func TestThread(t *testing.T) { engines.Each(t, wholeThread) }

func wholeThread(t *testing.T, open engines.Open) {
	th := newThread(t, open, fmt.Sprintf(projectYAML, "mirror"))
	th.sql("CREATE TABLE customers (id INTEGER, email VARCHAR, name VARCHAR, spent DECIMAL(10,2), vip BOOLEAN)")
	th.sql("INSERT INTO customers SELECT i, 'u' || i || '@x.example', 'Name ' || i, i * 1.25, i % 2 = 0 FROM generate_series(1, 10) t(i)")
	first := th.run()
	if first.State != run.Done || first.Counts.Accepted != 10 {
		t.Fatalf("first run: %+v %+v", first, first.Counts)
	}
	second := th.run()
	if second.State != run.Quiet || second.Requests != 0 {
		t.Fatalf("second run: %+v %+v", second, second.Counts)
	}
	third := th.run()
	if third.State != run.Quiet || !third.Counts.Quiet {
		t.Fatalf("third run: %+v", third)
	}
	th.sql("UPDATE customers SET name = 'Other' WHERE id = 3")
	th.sql("UPDATE customers SET email = 'new@x.example', vip = NULL WHERE id = 4")
	th.sql("DELETE FROM customers WHERE id = 5")
	th.sql("INSERT INTO customers VALUES (11, 'u11@x.example', NULL, 3, TRUE), (NULL, 'none@x.example', 'x', 1, TRUE)")
	fourth := th.run()
	if fourth.State != run.Done || fourth.Counts.Accepted != 4 {
		t.Fatalf("fourth run: %+v %+v", fourth, fourth.Counts)
	}
	for _, r := range th.sandbox.State() {
		t.Log(r.Match, r.Fields, r.Writes)
	}
	if n := len(th.sandbox.State()); n != 10 {
		t.Errorf("the destination holds %d records, want 10", n)
	}
	if r := th.run(); r.State != run.Quiet || r.Requests != 0 {
		t.Errorf("after it: %+v", r)
	}
}

const tenCustomers = "CREATE TABLE customers AS SELECT CAST(i AS INTEGER) AS id, 'u' || i || '@x.example' AS email, 'Name ' || i AS name, CAST(i * 1.25 AS DECIMAL(10,2)) AS spent, i % 2 = 0 AS vip FROM generate_series(1, 10) t(i)"

// TestKeepIdentifiers: the ledger keeps a hash and no values; what is unchanged
// is known, what changed is sent whole.
func TestKeepIdentifiers(t *testing.T) { engines.Each(t, keepIdentifiers) }

func keepIdentifiers(t *testing.T, open engines.Open) {
	th := newThread(t, open, fmt.Sprintf(projectYAML, "mirror")+"    keep: identifiers\n")
	th.sql(tenCustomers)
	if r := th.run(); r.State != run.Done || r.Counts.Accepted != 10 {
		t.Fatalf("first run: %+v", r.Counts)
	}
	recs, err := th.env.Store.All(context.Background(), "SELECT COUNT(*) AS n, COUNT(fields) AS kept, COUNT(acked_hash) AS hashed, COUNT(match) AS matched FROM weir.w_ledger_s0001")
	if err != nil {
		t.Fatal(err)
	}
	if got := recs[0]; got["n"] != "10" || got["kept"] != "0" || got["hashed"] != "10" || got["matched"] != "10" {
		t.Errorf("the ledger keeps %v", got)
	}
	if r := th.run(); r.State != run.Quiet || r.Requests != 0 {
		t.Fatalf("second run: %+v", r)
	}
	th.sql("UPDATE customers SET name = 'Other' WHERE id = 3")
	if r := th.run(); r.State != run.Done || r.Counts.Accepted != 1 {
		t.Fatalf("third run: %+v", r.Counts)
	}
	if r := th.run(); r.State != run.Quiet || r.Requests != 0 {
		t.Fatalf("fourth run: %+v", r)
	}
}

// TestOnUnmap: what was written to a field that is mapped no more stays, or is
// cleared once where the sync says so.
func TestOnUnmap(t *testing.T) { engines.Each(t, onUnmap) }

func onUnmap(t *testing.T, open engines.Open) {
	for _, on := range []string{"leave", "clear"} {
		t.Run(on, func(t *testing.T) {
			yaml := fmt.Sprintf(projectYAML, "mirror") + "    on_unmap: " + on + "\n"
			th := newThread(t, open, yaml)
			th.sql(tenCustomers)
			th.sql("UPDATE customers SET spent = NULL WHERE id = 7")
			th.run()
			less := newThread(t, open, strings.Replace(yaml, ", spent: spent", "", 1))
			th.env.Project, th.sync = less.env.Project, less.sync
			want := map[string]int64{"leave": 0, "clear": 9}[on]
			if r := th.run(); r.Counts.Accepted != want {
				t.Fatalf("%d records were sent, want %d: %v", r.Counts.Accepted, want, r.Notes)
			}
			for _, r := range th.sandbox.State() {
				_, has := member(r.Fields, "spent")
				if never := strings.Contains(r.Match, "u7@"); has != (on == "leave" && !never) {
					t.Errorf("%s holds %s", r.Match, r.Fields)
				}
			}
			if r := th.run(); r.State != run.Quiet || r.Requests != 0 {
				t.Errorf("the run after it: %+v", r)
			}
		})
	}
}

// TestHeirPutOff: while the row that takes a record over is put off, the one
// that has it is remembered: else nobody would know whose record it is.
func TestHeirPutOff(t *testing.T) { engines.Each(t, heirPutOff) }

func heirPutOff(t *testing.T, open engines.Open) {
	th := newThread(t, open, fmt.Sprintf(projectYAML, "mirror"))
	th.sql(tenCustomers)
	th.run()
	th.sql("UPDATE customers SET name = 'Other' WHERE id = 3")
	planned := th.env.Run(context.Background(), th.sync, run.Options{PlanOnly: true, KeepPlan: true})
	if planned.Err != nil {
		t.Fatal(planned.Err)
	}
	th.sql("DELETE FROM customers WHERE id = 5")
	th.sql("INSERT INTO customers VALUES (11, 'u5@x.example', 'Heir', 1, TRUE)")
	entry := run.NewPlanFile("shop", "dev", []*run.Report{planned}).Syncs[0]
	r := th.env.Run(context.Background(), th.sync, run.Options{Apply: &entry})
	if r.Err != nil || r.Counts.Accepted != 1 {
		t.Fatalf("apply: %v %+v", r.Err, r.Counts)
	}
	held := func(key int) string {
		recs, err := th.env.Store.All(context.Background(), fmt.Sprintf("SELECT COUNT(*) AS n FROM weir.w_ledger_s0001 WHERE key = %d", key))
		if err != nil {
			t.Fatal(err)
		}
		return recs[0]["n"]
	}
	if held(5) != "1" || held(11) != "0" {
		t.Errorf("after the plan, the ledger has %s of the row that had the record and %s of its heir", held(5), held(11))
	}
	th.run()
	if held(5) != "0" || held(11) != "1" {
		t.Errorf("after all, the ledger has %s of the row that had the record and %s of its heir", held(5), held(11))
	}
}
