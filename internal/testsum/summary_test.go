package main

import (
	"strings"
	"testing"
)

// run reads a stream and gives what is printed and whether all went well.
func run(lines ...string) (string, bool) {
	var out strings.Builder
	s := newSummary(&out)
	if err := s.read(strings.NewReader(strings.Join(lines, "\n") + "\n")); err != nil {
		return err.Error(), false
	}
	ok := s.close()
	return out.String(), ok
}

// ev is one event of package p.
func ev(action, test, output string) string {
	line := `{"Action":"` + action + `","Package":"p"`
	if test != "" {
		line += `,"Test":"` + test + `"`
	}
	if output != "" {
		line += `,"Output":"` + output + `\n"`
	}
	return line + `}`
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return lines[len(lines)-1]
}

func TestClosingLine(t *testing.T) {
	cases := []struct {
		name  string
		lines []string
		last  string
		ok    bool
		also  string // somewhere in what is printed
	}{
		{"all passed", []string{ev("run", "A", ""), ev("pass", "A", ""), ev("pass", "B", ""), ev("pass", "", "")},
			"2 passed, 0 failed, 0 skipped", true, "ok  \tp\t0.000s"},
		{"subtests are counted, their parent is not",
			[]string{ev("run", "A", ""), ev("pass", "A/x", ""), ev("pass", "A/y", ""), ev("pass", "A", ""), ev("pass", "", "")},
			"2 passed, 0 failed, 0 skipped", true, ""},
		{"a failed subtest is one failure",
			[]string{ev("run", "A", ""), ev("output", "A/x", "    a_test.go:3: wrong"), ev("fail", "A/x", ""), ev("fail", "A", ""), ev("fail", "", "")},
			"0 passed, 1 failed, 0 skipped", false, "    a_test.go:3: wrong\n"},
		{"a parent that fails by itself",
			[]string{ev("pass", "A/x", ""), ev("output", "A", "    a_test.go:9: also wrong"), ev("fail", "A", ""), ev("fail", "", "")},
			"1 passed, 1 failed, 0 skipped", false, "also wrong"},
		{"what passed is silent", []string{ev("output", "A", "chatter"), ev("pass", "A", ""), ev("pass", "", "")},
			"1 passed, 0 failed, 0 skipped", true, ""},
		{"a skip says why",
			[]string{ev("output", "A", "=== RUN   A"), ev("output", "A", "    a_test.go:7: no server here"), ev("output", "A", "--- SKIP: A (0.00s)"),
				ev("skip", "A", ""), ev("pass", "B", ""), ev("pass", "", "")},
			"1 passed, 0 failed, 1 skipped", true, "  p A: no server here\n"},
		{"a crash ends a test in the middle",
			[]string{ev("run", "A", ""), ev("output", "A", "panic: oh"), ev("output", "", "exit status 2"), ev("fail", "", "")},
			"0 passed, 1 failed, 0 skipped", false, "panic: oh"},
		{"a package that does not build",
			[]string{`{"ImportPath":"p [p.test]","Action":"build-output","Output":"p.go:3:1: syntax error\n"}`,
				`{"ImportPath":"p [p.test]","Action":"build-fail"}`,
				`{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`},
			"0 passed, 1 failed, 0 skipped", false, "p.go:3:1: syntax error"},
		{"a package that fails without a failed test", []string{ev("pass", "A", ""), ev("output", "", "leaked a goroutine"), ev("fail", "", "")},
			"1 passed, 1 failed, 0 skipped", false, "leaked a goroutine"},
		{"a stream cut short", []string{ev("pass", "A", ""), ev("run", "B", "")},
			"0 passed, 1 failed, 0 skipped", false, "its tests never ended"},
		{"no test at all", []string{ev("skip", "", "")}, "0 passed, 1 failed, 0 skipped", false, "no test was run"},
		{"the go command's own words", []string{"go: cannot find main module"}, "0 passed, 1 failed, 0 skipped", false, "go: cannot find main module"},
		{"braces that are no event", []string{`{"x":1}`, ev("pass", "A", ""), ev("pass", "", "")}, "1 passed, 0 failed, 0 skipped", true, `{"x":1}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, ok := run(c.lines...)
			if lastLine(out) != c.last || ok != c.ok {
				t.Errorf("want %q and %v, got %v and:\n%s", c.last, c.ok, ok, out)
			}
			if !strings.Contains(out, c.also) {
				t.Errorf("want %q in:\n%s", c.also, out)
			}
			if strings.Contains(out, "chatter") {
				t.Errorf("a passed test's output was printed:\n%s", out)
			}
		})
	}
}
