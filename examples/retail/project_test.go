package retail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/destinations/sandbox"
)

// project is a copy of this folder, the program, and the sandbox behind it.
type project struct {
	t                  *testing.T
	weir, dir, file    string
	variables          []string
	put                func(records [][]string) // other lines, in place of those there
	sandbox            *sandbox.Server
	crmRead, eventRead int64 // how far the sandbox's memory was looked at
}

// copyProject copies the project to a folder of its own, where it may write.
func copyProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, pattern := range []string{"weir.yml", "*/*.yml", ".weir/schema.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(f)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, f), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// build builds the program, once. It looks at the program's sources by itself,
// so that a result from before a change of them is not taken for one of now.
var build = sync.OnceValues(func() (string, error) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err == nil && d.Name() == ".git":
			return fs.SkipDir
		case err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	path := filepath.Join(built, "weir")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/weir").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

// built is the folder of what build made.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "retail")
	if err != nil {
		panic(err)
	}
	built = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func program(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// open makes a project over a copy of the lines.
func open(t *testing.T, lines string) *project {
	t.Helper()
	p := &project{t: t, weir: program(t), dir: copyProject(t), file: filepath.Join(t.TempDir(), "lines.csv.gz")}
	p.variables = []string{"RETAIL_FILE=" + p.file}
	p.put = func(records [][]string) { writeRecords(t, p.file, records) }
	text, err := os.ReadFile(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var dests []sandbox.Destination
	for i := range all.Specs {
		if all.Specs[i].Type == "webhook" {
			dests = []sandbox.Destination{{Name: "crm", Spec: &all.Specs[i]}, {Name: "analytics", Spec: &all.Specs[i]}}
		}
	}
	p.sandbox, err = sandbox.Start(t.Context(), sandbox.Options{ProjectDir: p.dir, Destinations: dests})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.sandbox.Close() })
	return p
}

// result is what a run says of one sync.
type result struct {
	Sync     string
	State    string
	Reason   string
	Requests int64
	Counts   struct {
		Read, Planned, Accepted int64
		Invalid, Duplicate      int64
	}
}

// run calls `weir run` and gives what became of each sync.
func (p *project) run() map[string]result {
	p.t.Helper()
	var envelope struct {
		OK     bool
		Error  string
		Result struct{ Runs []result }
	}
	out := p.command("run", "--json")
	if err := json.Unmarshal(out, &envelope); err != nil || !envelope.OK {
		p.t.Fatalf("weir run: %v\n%s", err, out)
	}
	runs := map[string]result{}
	for _, r := range envelope.Result.Runs {
		runs[r.Sync] = r
	}
	if len(runs) != 2 {
		p.t.Fatalf("weir run ran %d syncs\n%s", len(runs), out)
	}
	return runs
}

// command calls the program and gives what it printed.
func (p *project) command(args ...string) []byte {
	p.t.Helper()
	return command(p.t, p.weir, p.dir, p.variables, args...)
}

func command(t *testing.T, weir, dir string, variables []string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(weir, append([]string{"-C", dir}, args...)...)
	cmd.Env = append(append(os.Environ(), "NO_COLOR=1", "WEIR_TARGET=", "RETAIL_DB=retail.duckdb"), variables...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("weir %s: %v\n%s%s", strings.Join(args, " "), err, errs.String(), out.String())
	}
	return out.Bytes()
}

// record is one record of a request.
type record struct {
	Op     string
	Key    json.RawMessage
	Match  map[string]json.RawMessage
	Fields map[string]json.RawMessage
}

// arrived is the records that a destination was sent since the last call, by key.
func (p *project) arrived(destination string, since *int64) map[string]record {
	p.t.Helper()
	f, err := os.Open(filepath.Join(p.dir, ".weir", "sandbox", destination+".jsonl"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(*since, io.SeekStart); err != nil {
		p.t.Fatal(err)
	}
	out := map[string]record{}
	for d := json.NewDecoder(f); ; {
		var body struct{ Records []record }
		if err := d.Decode(&body); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			p.t.Fatal(err)
		}
		for _, r := range body.Records {
			key := string(r.Key)
			_ = json.Unmarshal(r.Key, &key) // a number stays as it is
			if _, twice := out[key]; twice {
				p.t.Errorf("%s was sent %s twice", destination, key)
			}
			out[key] = r
		}
	}
	p.skip(destination, since)
	return out
}

// skip goes to the end of what a destination was sent.
func (p *project) skip(destination string, since *int64) {
	p.t.Helper()
	info, err := os.Stat(filepath.Join(p.dir, ".weir", "sandbox", destination+".jsonl"))
	if err != nil {
		p.t.Fatal(err)
	}
	*since = info.Size()
}
