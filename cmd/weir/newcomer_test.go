package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	destall "github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/destinations/sandbox"
)

// TestNewcomer is what somebody may count on who has just come here, one
// promise a subtest. Those that are commands and what they print are the
// scripts whose names begin with newcomer_.
func TestNewcomer(t *testing.T) {
	for _, promise := range []struct {
		name string
		test func(*testing.T)
	}{
		{"01_the_first_commands_deliver_as_written", firstCommands},
		{"02_a_mistyped_key_is_told_with_its_place", mistypedKeys},
		{"03_no_input_shows_our_insides", brokenInput},
		{"03_a_broken_file_stops_no_other_sync", brokenNeighbour},
		{"04_every_key_says_what_it_is_and_its_default", keysSpeak},
		{"06_a_failure_says_why_wherever_one_looks", causes},
		{"07_answers_for_single_records_are_believed", singleAnswers},
		{"08_a_signal_loses_no_row", signalLosesNothing},
		{"12_a_killed_run_goes_on_where_it_was", killedGoesOn},
		{"13_a_second_run_names_the_first_and_sends_nothing", secondRun},
		{"14_values_arrive_as_typed_json", typedValues},
		{"20_a_repeat_carries_the_key_of_the_first", repeatsAreKnown},
		{"21_exit_codes_are_as_documented", exitCodesDocumented},
		{"23_one_file_is_all_of_it", oneFile},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.test(t)
		})
	}
	files, err := filepath.Glob("testdata/script/newcomer_*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	testscript.Run(t, scriptParams(files))
}

// newcomer has the project that init makes, in a folder of its own.
type newcomer struct {
	t   *testing.T
	dir string
	env []string
	srv *sandbox.Server
}

// arrive makes the project and writes files over its own; their texts are
// YAML of the file that is named.
func arrive(t *testing.T, files map[string]string) *newcomer {
	t.Helper()
	s := &newcomer{t: t, dir: filepath.Join(t.TempDir(), "shop")}
	s.must("init", s.dir)
	s.write(files)
	return s
}

func (s *newcomer) write(files map[string]string) {
	s.t.Helper()
	for name, text := range files {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
}

// serve starts the sandbox of the project, with its destination hook.
func (s *newcomer) serve() *sandbox.Host {
	s.t.Helper()
	srv, err := sandbox.Start(context.Background(), sandbox.Options{ProjectDir: s.dir, Destinations: []sandbox.Destination{{Name: "hook", Spec: &destall.Specs[0]}}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.srv = srv
	s.t.Cleanup(func() { _ = srv.Close() })
	return srv.Host("hook")
}

func (s *newcomer) fail(list ...sandbox.Fault) {
	s.t.Helper()
	if err := s.srv.Host("hook").Fail(list...); err != nil {
		s.t.Fatal(err)
	}
}

// output is what a command printed and its exit code.
type output struct {
	code     int
	out, err string
}

func (o output) all() string { return o.out + o.err }

func (s *newcomer) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	if _, err := os.Stat(s.dir); err == nil {
		cmd.Dir = s.dir
	}
	cmd.Env = append(append(os.Environ(), "WEIR_TEST_AS_PROGRAM=1", "NO_COLOR=1", "HOME="+filepath.Dir(s.dir), "WEIR_TARGET="), s.env...)
	return cmd
}

func (s *newcomer) weir(args ...string) output {
	s.t.Helper()
	cmd := s.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return output{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// must runs a command that has to succeed.
func (s *newcomer) must(args ...string) output {
	s.t.Helper()
	o := s.weir(args...)
	if o.code != 0 {
		s.t.Fatalf("weir %s: exit %d\n%s", strings.Join(args, " "), o.code, o.all())
	}
	return o
}

// wants complains of texts that a command did not print.
func (s *newcomer) wants(what, got string, texts ...string) {
	s.t.Helper()
	for _, w := range texts {
		if !strings.Contains(got, w) {
			s.t.Errorf("%s does not say %q:\n%s", what, w, got)
		}
	}
}

// endpoint is a destination of one's own: it keeps what it is sent, and answers
// as it was told.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	header []http.Header
}

// newEndpoint answers each request by answer; its number counts from 1.
func newEndpoint(t *testing.T, answer func(w http.ResponseWriter, n int, body []byte)) *endpoint {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		e.bodies, e.header = append(e.bodies, body), append(e.header, r.Header.Clone())
		n := len(e.bodies)
		e.mu.Unlock()
		answer(w, n, body)
	}))
	t.Cleanup(e.Close)
	return e
}

// seen is what came so far.
func (e *endpoint) seen() ([][]byte, []http.Header) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bodies, e.header
}

// live is a project whose destination is an endpoint of one's own.
func live(url, more string) map[string]string {
	return map[string]string{
		"weir.yml":              "version: 1\nname: shop\ntargets: {prod: {warehouse: {type: duckdb, path: shop.duckdb}, live: true}}\n",
		"destinations/hook.yml": "destinations:\n  - {name: hook, type: webhook, url: \"" + url + "\", allow_private: true" + more + "}\n",
	}
}

// sent is a request's records.
type sent struct {
	Records []struct {
		ID     string
		Op     string
		Key    json.RawMessage
		Match  json.RawMessage
		Fields map[string]json.RawMessage
	}
}

func recordsOf(t *testing.T, body []byte) sent {
	t.Helper()
	var s sent
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatalf("a body is not JSON: %v\n%s", err, body)
	}
	return s
}
