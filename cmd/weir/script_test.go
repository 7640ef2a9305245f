package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/weir-data/weir/destinations"
	destall "github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/destinations/sandbox"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

// scriptCommands are the commands of scripts beside testscript's own.
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"weir":    scriptWeir,
	"sandbox": scriptSandbox,
	"byhand":  scriptByHand,
	"faults":  scriptFaults,
	"lastrun": scriptLastRun,
	"sql":     scriptSQL,
}

// scriptWeir runs the program: `weir 0 run` expects exit code 0. What it
// prints is kept in the files out and err, with ids, times and paths replaced.
func scriptWeir(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: weir CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("the first argument is the exit code that is expected")
	}
	cmd := exec.Command(os.Args[0], args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "WEIR_TEST_AS_PROGRAM=1", "NO_COLOR=1", "HOME="+ts.Getenv("WORK"))
	for _, name := range strings.Fields(ts.Getenv("PASS")) {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	plain := func(b []byte) []byte { return []byte(plainText(string(b), ts.Getenv("WORK"))) }
	ts.Check(os.WriteFile(ts.MkAbs("out"), plain(out.Bytes()), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("err"), plain(errs.Bytes()), 0o644))
	ts.Logf("[stdout]\n%s[stderr]\n%s", out.String(), errs.String())
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

var changing = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`r[0-9a-f]{32}`), "RUN"},
	{regexp.MustCompile(`r[0-9a-f]{12}\b`), "RUN"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "SANDBOX"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`), "TIME"},
	{regexp.MustCompile(`\d\d:\d\d(:\d\d)? on \d{4}-\d\d-\d\d`), "TIME"},
	{regexp.MustCompile(`in \d[\d.]* s(, [\d,]+ rows/s)?`), "in SOME TIME"},
	{regexp.MustCompile(`[Pp]rocess \d+`), "process PID"},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
}

// plainText replaces what changes from run to run.
func plainText(s, work string) string {
	s = strings.ReplaceAll(s, work, "WORK")
	for _, c := range changing {
		s = c.what.ReplaceAllString(s, c.with)
	}
	return s
}

// scriptSandbox starts the sandbox of the project in a folder, until the
// script ends: `sandbox . hook crm` for destinations hook and crm.
func scriptSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: sandbox DIR DESTINATION...")
	}
	var dests []sandbox.Destination
	for _, name := range args[1:] {
		dests = append(dests, sandbox.Destination{Name: name, Spec: &destall.Specs[0]})
	}
	srv, err := sandbox.Start(context.Background(), sandbox.Options{ProjectDir: ts.MkAbs(args[0]), Destinations: dests})
	ts.Check(err)
	ts.Setenv("SANDBOX_URL", srv.URL().String())
	ts.Setenv("SANDBOX_TOKEN", srv.Found().Token)
	ts.Defer(func() { _ = srv.Close() })
}

// scriptFaults tells the sandbox to fail as a file says: `faults hook faults.json`.
func scriptFaults(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: faults DESTINATION FILE")
	}
	text := ts.ReadFile(args[1])
	if !json.Valid([]byte(text)) {
		ts.Fatalf("%s is not JSON", args[1])
	}
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("SANDBOX_URL")+"/_weir/faults?destination="+args[0], strings.NewReader(text))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(sandbox.TokenHeader, ts.Getenv("SANDBOX_TOKEN"))
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		ts.Fatalf("%s", fmt.Sprintf("the sandbox answered %s", res.Status))
	}
}

// scriptByHand sends a request of a file to a destination of the sandbox, as
// somebody who works there would: `byhand hook removed.json`.
func scriptByHand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: byhand DESTINATION FILE")
	}
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("SANDBOX_URL")+"/hook", strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(destinations.SandboxHeader, args[0])
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Logf("%s %s", res.Status, answer)
	if res.StatusCode >= 300 || !strings.Contains(string(answer), `"ok"`) {
		ts.Fatalf("the sandbox did not do it")
	}
}

// scriptSQL runs a statement on a DuckDB file, as somebody else would:
// `sql shop.duckdb 'CREATE TABLE …'`.
func scriptSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	conn, err := duckdb.Open(context.Background(), ts.MkAbs(args[0]), duckdb.Options{})
	ts.Check(err)
	_, err = conn.Exec(context.Background(), warehouse.Stmt{SQL: args[1]})
	ts.Check(err)
	ts.Check(conn.Close())
}

// scriptLastRun puts the id of the newest run into RUN: `weir 0 approve $RUN`.
func scriptLastRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: lastrun")
	}
	cmd := exec.Command(os.Args[0], "runs", "--limit", "1", "--json")
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "WEIR_TEST_AS_PROGRAM=1", "HOME="+ts.Getenv("WORK"))
	for _, name := range strings.Fields(ts.Getenv("PASS")) {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, err := cmd.Output()
	ts.Check(err)
	var envelope struct {
		Result struct{ Runs []struct{ Run string } }
	}
	ts.Check(json.Unmarshal(out, &envelope))
	if len(envelope.Result.Runs) == 0 {
		ts.Fatalf("nothing has run yet")
	}
	ts.Setenv("RUN", envelope.Result.Runs[0].Run)
}
