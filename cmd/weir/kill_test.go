package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	destall "github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/destinations/sandbox"
)

// How the kill test is sized: a request has batch records, and connections of
// them may be under way; what waits for a flush is at most one batch each.
const (
	killRows        = 4000
	killBatch       = 50
	killConnections = 4
	// killBound is what one kill may repeat: what is under way, and as much that is not durable yet.
	killBound = 2 * killConnections * killBatch
)

const killProject = `version: 1
name: killed
targets: {dev: {warehouse: WAREHOUSE}}
sources:
  - {name: people, SOURCE, primary_key: id}
destinations:
  - {name: hook, type: webhook, url: "https://hook.example/x", batch_size: 50, connections: 4}
syncs:
  - name: people_to_hook
    from: people
    to: hook
    mode: mirror
    match: {email: email}
    fields: {name: name, score: score}
    guards: {max_removed: 100%}
`

// killed is a project whose runs are killed, and the sandbox that outlives them.
type killed struct {
	t    *testing.T
	dir  string
	yaml string // of the project
	put  func(rows map[int][2]string) error
	srv  *sandbox.Server
	rows map[int][2]string // id → name, score
	seq  int
	toll toll

	score int // the last one given
}

// toll is what kills cost in records sent twice. One kill leaves at most
// killBound records sent and not durable; a later run repeats them, and where
// that one is killed too, before it has acknowledged them, so does the next.
type toll struct {
	counted int // repeats seen so far
	owed    int // what the kills since the last rest may still cost
	kills   int
	worst   int // of one run
}

// pay takes what a run repeated from what kills may cost.
func (k *killed) pay(killed bool) {
	k.t.Helper()
	c := &k.toll
	more := k.repeats() - c.counted
	c.counted += more
	c.worst = max(c.worst, more)
	if c.owed -= more; c.owed < 0 {
		k.t.Errorf("a run sent %d records again, %d more than the kills before it can have left", more, -c.owed)
		c.owed = 0
	}
	if killed {
		c.owed += killBound
		c.kills++
	}
}

func (c toll) String() string {
	return fmt.Sprintf("%d kills: sent twice %d, at most %d in one run; one kill may cost %d", c.kills, c.counted, c.worst, killBound)
}

// TestKill kills the program at random points of runs with failures
// injected, and runs it again until it is done: the sandbox must hold exactly
// what is wanted, and no kill may cost more repeats than what was under way.
// WEIR_KILLS sets how many kills there are (200).
func TestKill(t *testing.T) { onPlaces(t, killRuns) }

func killRuns(t *testing.T, p place) {
	kills := 200
	if s := os.Getenv("WEIR_KILLS"); s != "" {
		if _, err := fmt.Sscan(s, &kills); err != nil {
			t.Fatal(err)
		}
	}
	if testing.Short() {
		kills = 10
	}
	k := newKilledOn(t, p)
	rnd := rand.New(rand.NewPCG(7, 11))
	for k.toll.kills < kills {
		k.change(rnd)
		for range min(12, kills-k.toll.kills) { // at most so many kills of one change, then it may end
			if !k.runAndKill(rnd, time.Duration(rnd.Int64N(int64(600*time.Millisecond)))) {
				break
			}
		}
		k.finish()
		k.verify()
	}
	t.Logf("%s; %d rows", k.toll, killRows)
}

// TestKillFirst does the same to first runs, which stream from the source
// without a plan.
func TestKillFirst(t *testing.T) { onPlaces(t, killFirstRuns) }

func killFirstRuns(t *testing.T, p place) {
	rnd := rand.New(rand.NewPCG(3, 5))
	for range 8 {
		k := newKilledOn(t, p)
		k.change(rnd)
		for range 5 {
			if !k.runAndKill(rnd, time.Duration(rnd.Int64N(int64(400*time.Millisecond)))) {
				break
			}
		}
		k.finish()
		k.verify()
		t.Log(k.toll)
		_ = k.srv.Close()
	}
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	return newKilledOn(t, inDuckDB)
}

func newKilledOn(t *testing.T, p place) *killed {
	t.Helper()
	k := &killed{t: t, dir: t.TempDir(), rows: map[int][2]string{}}
	warehouse, source, put := p.make(t, k.dir)
	k.yaml, k.put = strings.NewReplacer("WAREHOUSE", warehouse, "SOURCE", source).Replace(killProject), put
	if err := os.WriteFile(filepath.Join(k.dir, "weir.yml"), []byte(k.yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	srv, err := sandbox.Start(context.Background(), sandbox.Options{ProjectDir: k.dir, Destinations: []sandbox.Destination{{Name: "hook", Spec: &destall.Specs[0]}}})
	if err != nil {
		t.Fatal(err)
	}
	k.srv = srv
	t.Cleanup(func() { _ = srv.Close() })
	k.faults(`[{"status": 500, "every": 17}, {"drop": "before", "every": 23}]`)
	for id := 1; id <= killRows; id++ {
		k.rows[id] = [2]string{fmt.Sprintf("Person %d", id), fmt.Sprint(id % 97)}
	}
	k.seq, k.score = killRows, 1000
	k.write()
	return k
}

func (k *killed) faults(list string) {
	req, err := http.NewRequest(http.MethodPost, k.srv.URL().String()+"/_weir/faults?destination=hook", strings.NewReader(list))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set(sandbox.TokenHeader, k.srv.Found().Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		k.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode >= 300 {
		k.t.Fatalf("faults: %s", res.Status)
	}
}

// write makes the source's rows.
func (k *killed) write() {
	if err := k.put(k.rows); err != nil {
		k.t.Fatal(err)
	}
}

// change edits, adds and removes rows.
func (k *killed) change(rnd *rand.Rand) {
	for id, r := range k.rows {
		switch p := rnd.IntN(100); {
		case p < 60:
			k.score++ // a value that came back would look like a record sent twice
			k.rows[id] = [2]string{r[0], fmt.Sprint(k.score)}
		case p < 65:
			delete(k.rows, id)
		}
	}
	for range 200 {
		k.seq++
		k.rows[k.seq] = [2]string{fmt.Sprintf("Person %d", k.seq), "0"}
	}
	k.write()
}

func (k *killed) command() (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0], "-C", k.dir, "run")
	cmd.Env = append(os.Environ(), "WEIR_TEST_AS_PROGRAM=1", "NO_COLOR=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// runAndKill starts a run and kills it after a while, or between two durable
// steps; false when it had ended before.
func (k *killed) runAndKill(rnd *rand.Rand, after time.Duration) bool {
	cmd, out := k.command()
	if rnd.IntN(3) == 0 { // a step, of which each run has some tens
		cmd.Env = append(cmd.Env, fmt.Sprintf("WEIR_CRASH_AFTER=%d", 1+rnd.IntN(24)))
		after = time.Minute
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	err := cmd.Wait()
	timer.Stop()
	if err == nil {
		k.pay(false)
		return false
	}
	if st, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && st.Signaled() && st.Signal() == syscall.SIGKILL {
		k.pay(true)
		return true
	}
	k.t.Fatalf("the run failed by itself: %v\n%s", err, out)
	return false
}

// finish runs until nothing is due.
func (k *killed) finish() {
	for range 10 {
		cmd, out := k.command()
		if err := cmd.Run(); err != nil {
			k.t.Fatalf("the run after the kills: %v\n%s", err, out)
		}
		if strings.Contains(out.String(), "broken") || strings.Contains(out.String(), "does not balance") {
			k.t.Fatalf("%s", out)
		}
		k.pay(false)
		if strings.Contains(out.String(), "quiet") {
			k.toll.owed = 0 // all is acknowledged
			return
		}
	}
	k.t.Fatal("ten runs did not come to rest")
}

// verify compares what the sandbox holds with what is wanted.
func (k *killed) verify() {
	k.t.Helper()
	want := map[string]string{}
	for id, r := range k.rows {
		want[fmt.Sprintf(`{"email":"p%d@x.example"}`, id)] = fmt.Sprintf(`{"name":%q,"score":%s}`, r[0], r[1])
	}
	state := k.srv.Host("hook").Box.State()
	if len(state) != len(want) {
		k.t.Fatalf("the sandbox holds %d records, and %d are wanted", len(state), len(want))
	}
	for _, r := range state {
		if want[r.Match] != r.Fields {
			k.t.Fatalf("%s holds %s, and %s is wanted", r.Match, r.Fields, want[r.Match])
		}
	}
}

// repeats is how many records were sent twice.
func (k *killed) repeats() int { return int(k.srv.Host("hook").Counts().Repeats) }
