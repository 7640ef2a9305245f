// Package bench measures Weir beside its floors, in one run: what the engine
// and the wire need at least for the same work. Figures are ratios; absolute
// times are the machine's. WEIR_BENCH_ROWS sets the size (1,000,000).
package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

const benchYAML = `version: 1
name: bench
targets: {dev: {warehouse: {type: duckdb, path: bench.duckdb}}}
sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, type: webhook, url: "http://hook.example/x", batch_size: %d, connections: %d, %s}
syncs:
  - name: people_to_hook
    from: people
    to: hook
    mode: mirror
    match: {id: id}
    fields: {email: email, first_name: first_name, last_name: last_name, country: country, plan: plan, spent: spent, visits: visits, seen_at: seen_at, active: active}
`

const fieldsSQL = `id, email, first_name, last_name, country, plan, spent, visits, seen_at, active`

// stage is a project on a file with n rows, and a sink that takes everything.
type stage struct {
	b    *testing.B
	dir  string
	url  string
	conn *duckdb.Conn
	env  *run.Env
	sync *models.Sync
	sink *sink
}

// sink answers at once and counts.
type sink struct {
	mu          sync.Mutex
	requests    int
	bytes       int64
	first, last time.Time
	wait        time.Duration
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	if s.wait > 0 {
		<-time.After(s.wait)
	}
	s.mu.Lock()
	s.requests++
	s.bytes += n
	if s.first.IsZero() {
		s.first = time.Now()
	}
	s.last = time.Now()
	s.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

func rowsWanted() int {
	n := 1_000_000
	if s := os.Getenv("WEIR_BENCH_ROWS"); s != "" {
		_, _ = fmt.Sscan(s, &n)
	}
	return n
}

func newStage(b *testing.B, rows, batch, connections int, more string) *stage {
	b.Helper()
	st := &stage{b: b, dir: b.TempDir(), sink: &sink{}}
	if err := os.WriteFile(filepath.Join(st.dir, "weir.yml"), fmt.Appendf(nil, benchYAML, batch, connections, more), 0o644); err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(st.sink)
	b.Cleanup(srv.Close)
	st.url = srv.URL
	st.open()
	b.Cleanup(func() { _ = st.conn.Close() })
	st.exec(fmt.Sprintf(`CREATE TABLE people AS SELECT i AS id, 'user' || i || '@example.com' AS email, 'First' || (i %% 1000) AS first_name, 'Last' || (i %% 5000) AS last_name,
		'GB' AS country, CASE WHEN i %% 3 = 0 THEN 'gold' ELSE 'base' END AS plan, i * 1.5::DOUBLE AS spent, (i %% 100)::INTEGER AS visits,
		TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS seen_at, i %% 2 = 0 AS active FROM range(%d) t(i)`, rows))
	st.exec("CHECKPOINT")
	return st
}

// open opens the stage's project in this process.
func (st *stage) open() {
	st.b.Helper()
	conn, env, err := openProject(context.Background(), st.dir, st.url)
	if err != nil {
		st.b.Fatal(err)
	}
	st.conn, st.env, st.sync = conn, env, env.Project.Syncs[0]
}

func (st *stage) exec(sql string) time.Duration {
	st.b.Helper()
	started := time.Now()
	if _, err := st.conn.Exec(context.Background(), warehouse.Stmt{SQL: sql}); err != nil {
		st.b.Fatal(err)
	}
	return time.Since(started)
}

// best is the shortest of three.
func best(f func() time.Duration) time.Duration {
	out := f()
	for range 2 {
		out = min(out, f())
	}
	return out
}

// run runs the sync once in a process of its own, so that its memory is its own.
func (st *stage) run(want run.State) ran {
	st.b.Helper()
	if err := st.conn.Close(); err != nil {
		st.b.Fatal(err)
	}
	r, err := runApart(st.dir, st.url)
	if err != nil {
		st.b.Fatal(err)
	}
	if r.Failure != "" || r.State != want {
		st.b.Fatalf("%s: %s", r.State, r.Failure)
	}
	st.open()
	return r
}

// post is floor P: read the rows and post them as JSON, nothing else.
func (st *stage) post(sql string, batch, connections int) time.Duration {
	st.b.Helper()
	s := &destinations.Sync{ID: "s0001", Name: "floor", Kind: destinations.Record}
	outlet, err := st.env.Outlet(context.Background(), st.sync.To)
	if err != nil {
		st.b.Fatal(err)
	}
	started := time.Now()
	res, err := st.conn.Query(context.Background(), warehouse.Stmt{SQL: sql})
	if err != nil {
		st.b.Fatal(err)
	}
	work := make(chan *destinations.Batch)
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for b := range work {
				if _, err := outlet.Sender.Send(context.Background(), b); err != nil {
					st.b.Error(err)
				}
				b.Release()
			}
		})
	}
	for b, err := range res.Batches() {
		if err != nil {
			st.b.Fatal(err)
		}
		whole := destinations.NewBatch(s, b)
		for from := 0; from < whole.Len(); from += batch {
			piece := whole.Slice(from, min(from+batch, whole.Len()))
			piece.Retain()
			work <- piece
		}
		b.Release()
	}
	close(work)
	wg.Wait()
	return time.Since(started)
}

const payloadSQL = `SELECT id AS key, hash(` + fieldsSQL + `)::VARCHAR AS hash, 'upsert' AS op, id::VARCHAR AS match, NULL::VARCHAR AS old_match, NULL::VARCHAR AS remote_id,
	json_object('email', email, 'first_name', first_name, 'last_name', last_name, 'country', country, 'plan', plan, 'spent', spent, 'visits', visits, 'seen_at', seen_at, 'active', active)::VARCHAR AS fields, NULL::VARCHAR AS send FROM people`

func line(b *testing.B, name string, r ran, floor time.Duration, target string) {
	b.Helper()
	b.Logf("%-34s %8.3f s   floor %8.3f s   %5.2f x   (target %s)   peak memory %5.0f MiB", name, r.Took.Seconds(), floor.Seconds(), r.Took.Seconds()/floor.Seconds(), target, r.Peak)
}

// BenchmarkDuckDB is W1, W2 and W3 on one table, each beside its floor.
func BenchmarkDuckDB(b *testing.B) {
	n := rowsWanted()
	st := newStage(b, n, 1000, 16, "repeatable: true")
	b.Logf("%d rows, 1000 records a request, 16 connections", n)
	p := best(func() time.Duration { return st.post(payloadSQL, 1000, 16) })
	l := best(func() time.Duration {
		d := st.exec("CREATE OR REPLACE TABLE floor_l AS SELECT key, hash, fields FROM (" + payloadSQL + ")")
		return d + st.exec("CHECKPOINT")
	})
	line(b, "W1 first sync, P + L", st.run(run.Done), p+l, "1.3, 400 MiB")
	st.exec("DROP TABLE floor_l")
	f := best(func() time.Duration { return st.exec("SELECT count(*), bit_xor(hash(" + fieldsSQL + ")) FROM people") })
	st.run(run.Quiet)
	line(b, "W2 nothing changed, F + 0.067 s", st.run(run.Quiet), f+67*time.Millisecond, "1.5, 400 MiB")
	st.exec("CREATE TABLE floor_l AS SELECT id AS key, (hash(" + fieldsSQL + ") >> 1)::BIGINT AS hash FROM people")
	st.change(n)
	floor := st.floorW3()
	r := st.run(run.Done)
	line(b, "W3 1 % changed", r, floor, "1.3, 1024 MiB")
	if got := r.Accepted; got != int64(n/100) {
		b.Errorf("%d operations of %d", got, n/100)
	}
}

// change is 0.6 % updates, 0.2 % adds and 0.2 % removals over the whole range.
func (st *stage) change(n int) {
	st.exec("UPDATE people SET visits = visits + 1 WHERE id % 500 IN (1, 2, 3)")
	st.exec("DELETE FROM people WHERE id % 500 = 7")
	st.exec(fmt.Sprintf("INSERT INTO people SELECT %d + i, 'new' || i, 'F', 'L', 'GB', 'base', 1, 1, TIMESTAMP '2026-01-01', TRUE FROM range(%d) t(i)", n, n/500))
	st.exec("CHECKPOINT")
}

// floorW3 is N + D + old fields + P + C of the same change, by hand.
func (st *stage) floorW3() time.Duration {
	hash := "(hash(" + fieldsSQL + ") >> 1)::BIGINT"
	n := best(func() time.Duration {
		return st.exec("SELECT count(*), sum("+hash+"), bit_xor("+hash+") FROM people") + st.exec("SELECT count(*), sum(hash), bit_xor(hash) FROM floor_l")
	})
	d := best(func() time.Duration {
		return st.exec("CREATE OR REPLACE TABLE floor_d AS SELECT coalesce(p.id, l.key) AS key FROM (SELECT id, " + hash + " AS hash FROM people) p FULL JOIN floor_l l ON l.key = p.id WHERE p.hash IS DISTINCT FROM l.hash")
	})
	old := best(func() time.Duration {
		return st.exec("CREATE OR REPLACE TABLE floor_o AS SELECT l.key, l.fields FROM weir.w_ledger_s0001 l JOIN floor_d USING (key)")
	})
	p := best(func() time.Duration {
		return st.post(payloadSQL+" WHERE id IN (SELECT key FROM floor_d)", 1000, 16)
	})
	st.exec("CREATE OR REPLACE TABLE floor_c AS SELECT key, acked_hash, fields FROM weir.w_ledger_s0001")
	c := st.exec("DELETE FROM floor_c USING floor_d WHERE floor_c.key = floor_d.key") + st.exec("INSERT INTO floor_c SELECT key, 1, 'x' FROM floor_d")
	for t := range strings.SplitSeq("floor_d floor_o floor_c floor_l", " ") {
		st.exec("DROP TABLE " + t)
	}
	return n + d + old + p + c
}

// BenchmarkSlow is W5: 50 ms a request, 100 records each, 100 requests a second allowed.
func BenchmarkSlow(b *testing.B) {
	st := newStage(b, 100_000, 100, 16, `rate: "100/s"`)
	st.sink.wait = 50 * time.Millisecond
	r := st.run(run.Done)
	span := st.sink.last.Sub(st.sink.first).Seconds()
	rate := float64(st.sink.requests-1) / span
	b.Logf("W5 slow destination: %d requests in %.2f s = %.1f a second of 100 allowed (target 95 to 100); accepted %d", st.sink.requests, span, rate, r.Accepted)
}
