package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

// ran is what a run in a process of its own tells of itself.
type ran struct {
	State    run.State
	Failure  string
	Accepted int64
	Took     time.Duration
	Peak     float64 // the most memory the process had, MiB
}

// apart names the project and the sink to a process that is to run it.
const apart = "WEIR_BENCH_APART"

func TestMain(m *testing.M) {
	if at := os.Getenv(apart); at != "" {
		dir, sink, _ := bytes.Cut([]byte(at), []byte(" "))
		if err := json.NewEncoder(os.Stdout).Encode(runHere(string(dir), string(sink))); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func runApart(dir, sink string) (ran, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), apart+"="+dir+" "+sink)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return ran{}, fmt.Errorf("%w: %s", err, complaint.String())
	}
	var r ran
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return ran{}, err
	}
	return r, nil
}

// peak is the most memory this program has had, MiB; 0 where the system does
// not tell. A child's rusage would count what its parent had when it forked.
func peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	_, _ = fmt.Sscan(after, &kib)
	return kib / 1024
}

func runHere(dir, sink string) ran {
	ctx := context.Background()
	conn, env, err := openProject(ctx, dir, sink)
	if err != nil {
		return ran{Failure: err.Error()}
	}
	started := time.Now()
	report := env.Run(ctx, env.Project.Syncs[0], run.Options{})
	out := ran{State: report.State, Took: time.Since(started)}
	if report.Counts != nil {
		out.Accepted = report.Counts.Accepted
	}
	if report.Err != nil {
		out.Failure = report.Err.Error()
	}
	if err := conn.Close(); err != nil && out.Failure == "" {
		out.Failure = err.Error()
	}
	out.Peak = peak()
	return out
}

// openProject opens a project's warehouse and ledger; what it sends goes to the sink.
func openProject(ctx context.Context, dir, sink string) (*duckdb.Conn, *run.Env, error) {
	files, _ := config.Load(dir)
	p, found := models.Parse(files, models.Options{Specs: all.Specs, Warehouses: []warehouse.Spec{duckdb.Spec}})
	if diag.HasErrors(found) {
		return nil, nil, fmt.Errorf("the project has findings: %v", found)
	}
	conn, err := duckdb.Open(ctx, filepath.Join(dir, "bench.duckdb"), duckdb.Options{Threads: 2, MemoryLimit: os.Getenv("WEIR_BENCH_MEMORY")})
	if err != nil {
		return nil, nil, err
	}
	store, err := ledger.Open(ctx, conn, "weir")
	if err != nil {
		return nil, nil, err
	}
	u, err := url.Parse(sink)
	if err != nil {
		return nil, nil, err
	}
	outlet := func(_ context.Context, d *models.Destination) (*run.Outlet, error) { return run.OpenOutlet(d, u) }
	return conn, &run.Env{Project: p, Target: p.Active(), Conn: conn, Store: store, Outlet: outlet}, nil
}
