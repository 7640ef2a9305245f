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

func newThread(t *testing.T, open engine, yaml string) *thread {
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

func TestThread(t *testing.T) { onEngines(t, wholeThread) }

func wholeThread(t *testing.T, open engine) {
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
