package plan_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/engines"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/warehouse"
)

var asOf = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a ledger and a source on a fresh warehouse.
type world struct {
	t     *testing.T
	conn  warehouse.Conn
	store *ledger.Store
	in    plan.Input

	balance string // the equations over the whole plan, as text
}

func newWorld(t *testing.T, open engines.Open, mode destinations.Mode) *world {
	t.Helper()
	ctx := context.Background()
	conn, err := open(t)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	store, err := ledger.Open(ctx, conn, "weir")
	if err != nil {
		t.Fatal(err)
	}
	kind := destinations.Record
	if mode == destinations.Append {
		kind = destinations.Event
	}
	s := &models.Sync{Kind: kind, Mode: mode, RemoveOnly: "any", OnDuplicate: models.OnDuplicate{Key: "hold", Match: "hold"}}
	row, err := store.NewSync(ctx, ledger.SyncRow{Name: "people", KeyType: "text"}, "r1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, conn: conn, store: store}
	w.exec("CREATE TABLE source (key VARCHAR, email VARCHAR, name VARCHAR, amount DECIMAL(38,9), problem VARCHAR, consent VARCHAR)")
	w.in = plan.Input{D: conn.Dialect(), Sync: s, SyncID: row.ID, Ledger: store.Names.Ledger(row.ID), AsOf: asOf,
		Differs: store.Names.Work("r2", "differs"), Plan: store.Names.Plan("r2"),
		Query: &models.Query{Relation: "source", KeyType: rows.Text, Problem: "problem", Consent: "consent",
			Match:  []models.QueryField{{Name: "email", Expr: "email", Type: rows.Text}},
			Fields: []models.QueryField{{Name: "name", Expr: "name", Type: rows.Text}, {Name: "amount", Expr: "amount", Type: rows.Decimal}}}}
	if mode == destinations.Append {
		w.in.Query.Match, w.in.Query.MatchIsKey = nil, true
	}
	return w
}

func (w *world) exec(sql string) {
	w.t.Helper()
	if _, err := w.conn.Exec(context.Background(), warehouse.Stmt{SQL: sql}); err != nil {
		w.t.Fatalf("%v\n%s", err, sql)
	}
}

func (w *world) all(sql string) []ledger.Record {
	w.t.Helper()
	recs, err := w.store.All(context.Background(), sql)
	if err != nil {
		w.t.Fatalf("%v\n%s", err, sql)
	}
	return recs
}

// src adds a source row; "" is NULL.
func (w *world) src(key, email, name, amount, problem, consent string) {
	if consent == "" {
		consent = "ok"
	}
	null := func(s string) string {
		if s == "" {
			return "NULL"
		}
		return "'" + s + "'"
	}
	w.exec(fmt.Sprintf("INSERT INTO source VALUES (%s, %s, %s, %s, %s, '%s')", null(key), null(email), null(name), null(amount), null(problem), consent))
}

// held adds a ledger row that acknowledges key, email, name and amount as given.
func (w *world) held(key, email, name, amount, set string) {
	match := `'{"email":"` + email + `"}'`
	hashed := "email"
	if w.in.Query.MatchIsKey {
		match, hashed = "'"+key+"'", ""
	}
	parts := []string{"'" + key + "'"}
	if hashed != "" {
		parts = append(parts, "'"+email+"'")
	}
	if w.in.Sync.Mode != destinations.Remove {
		parts = append(parts, "'"+name+"'", "CAST("+amount+" AS DECIMAL(38,9))")
	}
	hash := w.in.D.Hash(parts)
	w.exec(fmt.Sprintf(`INSERT INTO weir.w_ledger_s0001 (key, state, present, acked_hash, settled_hash, fields, match, attempts, acked_at, fence, seq, run_id)
		VALUES ('%s', 'acked', TRUE, %s, %s, '{"name":"%s","amount":%s}', %s, 0, TIMESTAMP '2026-02-01 00:00:00', 0, 0, 'r0')`, key, hash, hash, name, amount, match))
	if set != "" {
		w.exec("UPDATE weir.w_ledger_s0001 SET " + set + " WHERE key = '" + key + "'")
	}
}

// plan runs the plan both ways, narrowed and whole, and checks that they agree.
func (w *world) plan() map[string]string {
	w.t.Helper()
	scan := w.all(w.in.Scan())[0]
	w.in.LedgerEmpty = scan["held_rows"] == "0"
	w.exec(w.in.MakePlan(true))
	whole := w.classes()
	w.balance = w.equations()
	if !w.in.LedgerEmpty {
		w.exec("DROP TABLE " + w.in.D.Table(w.in.Plan))
		w.exec(w.in.MakeDiffers())
		if q := w.in.AddSharers(); q != "" {
			w.exec(q)
		}
		w.exec(w.in.AddTwins())
		w.exec(w.in.MakePlan(false))
		narrow := w.classes()
		for k, v := range whole {
			if n, ok := narrow[k]; !ok {
				if !strings.HasPrefix(v, "unchanged") && w.in.Sync.Kind != destinations.Event {
					w.t.Errorf("%s is %q in the whole plan and not in the narrowed one", k, v)
				}
			} else if n != v {
				w.t.Errorf("%s is %q in the whole plan and %q in the narrowed one", k, v, n)
			}
		}
	}
	return whole
}

// classes is the plan as "key/n" → class (reason).
func (w *world) classes() map[string]string {
	recs := w.all(`SELECT COALESCE(key, '∅') AS key, class, reason, op, phase, send, old_match, problem FROM weir.w_plan_r2 ORDER BY key, class, problem`)
	out := map[string]string{}
	var keys []string
	for _, r := range recs {
		v := r["class"]
		if r["reason"] != "" {
			v += " " + r["reason"]
		}
		if r["op"] != "" {
			v += " → " + r["op"]
		}
		if p := r.Int("phase"); p > plan.PhaseWrites && p < plan.PhaseRemovals {
			v += fmt.Sprintf(" wave %d", p-plan.PhaseWrites)
		}
		if r["send"] != "" {
			v += " " + r["send"]
		}
		if r["problem"] != "" {
			v += " " + r["problem"]
		}
		k := r["key"]
		for i := 2; out[k] != ""; i++ {
			k = fmt.Sprintf("%s/%d", r["key"], i)
		}
		out[k] = v
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return out
}

func TestOrdinaryRows(t *testing.T) { engines.Each(t, ordinaryRows) }

func ordinaryRows(t *testing.T, open engines.Open) {
	w := newWorld(t, open, destinations.Mirror)
	w.src("a", "a@x", "Ann", "12.50", "", "")
	w.src("b", "b@x", "Bob", "1", "", "")
	w.src("c", "c@x", "Cyd", "2", "", "")
	w.src("d", "d2@x", "Dan", "3", "", "")
	w.src("f", "f@x", "", "5", "", "")
	w.held("b", "b@x", "Bob", "1", "")
	w.held("c", "c@x", "Cid", "2", "")
	w.held("d", "d@x", "Dan", "3", "")
	w.held("e", "e@x", "Eve", "4", "")
	w.held("f", "f@x", "Fay", "5", "")
	want := map[string]string{
		"a": "added → upsert",
		"b": "unchanged",
		"c": `changed → upsert {"name":"Cyd"}`,
		"d": `changed → upsert {}`,
		"e": "removed left → remove",
		"f": `changed → upsert {"name":null}`,
	}
	if diff := cmp.Diff(want, w.plan()); diff != "" {
		t.Error(diff)
	}
}
