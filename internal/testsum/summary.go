package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of `go test -json`, the parts of it that are used here.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output and build-fail
	Test        string
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string
}

// test is one test or subtest while it runs and after.
type test struct {
	output  strings.Builder
	parent  bool // it has subtests, which are counted in its place
	ended   bool
	outcome string
}

// unit is one package.
type unit struct {
	name   string
	output strings.Builder // what was said outside any test
	tests  map[string]*test
	order  []string
}

// skipped is one skipped test and the words it was skipped with.
type skipped struct{ name, reason string }

// summary gathers the outcome of a run of tests.
type summary struct {
	out io.Writer

	units  map[string]*unit
	builds map[string]*strings.Builder // the compiler's words, by import path

	passed, failed int
	broken         int // failures of what is no test: a build, a crash, a stream cut short
	skips          []skipped
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, units: map[string]*unit{}, builds: map[string]*strings.Builder{}}
}

// read takes in the whole stream. Lines that are no event are printed as they
// are: they come from the go command itself.
func (s *summary) read(r io.Reader) error {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if line != "" {
			s.line(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
	}
}

func (s *summary) line(line string) {
	var e event
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
		fmt.Fprint(s.out, line)
		return
	}
	switch {
	case e.Action == "build-output":
		s.build(e.ImportPath).WriteString(e.Output)
	case e.Package == "" || e.Action == "build-fail":
	case e.Test == "":
		s.packageEvent(e)
	default:
		s.testEvent(e)
	}
}

func (s *summary) build(importPath string) *strings.Builder {
	if s.builds[importPath] == nil {
		s.builds[importPath] = &strings.Builder{}
	}
	return s.builds[importPath]
}

func (s *summary) unit(name string) *unit {
	if s.units[name] == nil {
		s.units[name] = &unit{name: name, tests: map[string]*test{}}
	}
	return s.units[name]
}

// test gives a test of a package and marks its parents as such.
func (u *unit) test(name string) *test {
	if t := u.tests[name]; t != nil {
		return t
	}
	u.tests[name] = &test{}
	u.order = append(u.order, name)
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		u.test(name[:i]).parent = true
	}
	return u.tests[name]
}

func (s *summary) testEvent(e event) {
	t := s.unit(e.Package).test(e.Test)
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		t.ended, t.outcome = true, e.Action
	}
}

func (s *summary) packageEvent(e event) {
	u := s.unit(e.Package)
	switch e.Action {
	case "output":
		u.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		s.end(u, e)
		delete(s.units, e.Package)
	}
}

// end counts a package's tests and prints its line, and before it what went wrong.
func (s *summary) end(u *unit, e event) {
	failures := s.count(u)
	if e.Action == "fail" && failures == 0 {
		s.broken++ // it did not build, crashed, or left with a code of its own
	}
	if e.Action == "fail" {
		s.explain(u, e)
	}
	switch e.Action {
	case "pass":
		fmt.Fprintf(s.out, "ok  \t%s\t%.3fs\n", u.name, e.Elapsed)
	case "skip":
		fmt.Fprintf(s.out, "?   \t%s\t[no test files]\n", u.name)
	case "fail":
		fmt.Fprintf(s.out, "FAIL\t%s\t%.3fs\n", u.name, e.Elapsed)
	}
}

// count adds a package's tests up: those without subtests, and parents that
// failed although none of their subtests did. It gives the failures.
func (s *summary) count(u *unit) int {
	failures := 0
	for _, name := range u.order {
		t := u.tests[name]
		switch {
		case !t.ended || t.outcome == "fail":
			if !t.parent || !u.failedBelow(name) {
				s.failed++
				failures++
			}
		case t.parent:
		case t.outcome == "pass":
			s.passed++
		case t.outcome == "skip":
			s.skips = append(s.skips, skipped{name: u.name + " " + name, reason: reason(t.output.String())})
		}
	}
	return failures
}

// failedBelow tells whether a subtest of the test failed.
func (u *unit) failedBelow(parent string) bool {
	return slices.ContainsFunc(u.order, func(name string) bool {
		t := u.tests[name]
		return strings.HasPrefix(name, parent+"/") && (!t.ended || t.outcome == "fail")
	})
}

// explain prints all that a failed package said: the compiler's words, its
// failed tests', its own.
func (s *summary) explain(u *unit, e event) {
	if b := s.builds[e.FailedBuild]; b != nil {
		fmt.Fprint(s.out, b.String())
	}
	for _, name := range u.order {
		if t := u.tests[name]; !t.ended || t.outcome == "fail" {
			fmt.Fprint(s.out, t.output.String())
		}
	}
	for line := range strings.Lines(u.output.String()) {
		if !boilerplate(line) {
			fmt.Fprint(s.out, line)
		}
	}
}

// boilerplate tells whether a line is the test binary's own ending, which the
// package's line says again.
func boilerplate(line string) bool {
	line = strings.TrimSpace(line)
	return line == "FAIL" || line == "PASS" || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "ok  \t")
}

// reason is what a test said when it was skipped, in one line.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, text, ok := strings.Cut(line, ".go:"); ok {
			if _, words, ok := strings.Cut(text, ": "); ok {
				line = words
			}
		}
		said = append(said, line)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

// close prints the skips and the last line, and tells whether all went well.
func (s *summary) close() bool {
	for name := range s.units {
		fmt.Fprintf(s.out, "FAIL\t%s\tits tests never ended\n", name)
		s.broken++
	}
	if len(s.skips) > 0 {
		fmt.Fprintln(s.out, "\nskipped:")
		for _, k := range s.skips {
			fmt.Fprintf(s.out, "  %s: %s\n", k.name, k.reason)
		}
	}
	failed := s.failed + s.broken
	if failed == 0 && s.passed == 0 {
		fmt.Fprintln(s.out, "\nno test was run")
		failed = 1
	}
	fmt.Fprintf(s.out, "\n%d passed, %d failed, %d skipped\n", s.passed, failed, len(s.skips))
	return failed == 0
}
