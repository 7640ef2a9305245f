package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// block is a page's first piece of code with a word in it, as it stands there.
func block(t *testing.T, page, word string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(text), "\n```") {
		if _, code, ok := strings.Cut(part, "\n"); i%2 == 1 && ok && strings.Contains(code, word) {
			return code
		}
	}
	t.Fatalf("%s has no code with %q", page, word)
	return ""
}

// firstCommands runs the first code of the front page and of getting started as
// it is written there, where there is nothing: no home, no network, nobody to ask.
func firstCommands(t *testing.T) {
	for _, page := range []string{"README.md", "docs/getting-started.md"} {
		if b := block(t, page, "make build"); !strings.Contains(b, "make build\nexport PATH=\"$PWD/bin:$PATH\"") {
			t.Errorf("%s builds by\n%s", page, b)
		}
		code := block(t, page, "weir init")
		if n := len(regexp.MustCompile(`\bweir (init|run)\b`).FindAllString(code, -1)); n != 2 || strings.Count(code, "cd ") > 1 {
			t.Errorf("%s needs more than init, cd and run:\n%s", page, code)
		}
		home, here, out := t.TempDir(), t.TempDir(), new(bytes.Buffer)
		cmd := exec.Command("bash", "-eu", "-c", code)
		cmd.Dir, cmd.Stdout, cmd.Stderr = here, out, out
		cmd.Env = []string{"HOME=" + home, "PATH=" + onPath(t) + string(os.PathListSeparator) + os.Getenv("PATH"), "NO_COLOR=1"}
		off := offline(cmd)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s\n%s", page, err, code, out)
		}
		t.Logf("%s, without a network: %v\n%s", page, off, out)
		if !strings.Contains(out.String(), "sent      20 = 20 accepted ✓") {
			t.Errorf("%s: 20 rows did not arrive\n%s", page, out)
		}
		if held, err := os.ReadFile(filepath.Join(here, "shop", ".weir", "sandbox", "hook.jsonl")); err != nil || strings.Count(string(held), `"op":"upsert"`) != 20 {
			t.Errorf("%s: the sandbox remembers %s, %v", page, held, err)
		}
		if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
			t.Errorf("%s: something was left at home: %v, %v", page, left, err)
		}
	}
}

// onPath is a folder with this program under its name.
func onPath(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nexport WEIR_TEST_AS_PROGRAM=1\nexec '" + os.Args[0] + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "weir"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// oneFile copies the program alone to where nothing else is, and lets it work
// without an environment.
func oneFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "weir")
	copyFile(t, os.Args[0], path)
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(path, args...)
		cmd.Dir, cmd.Env = dir, []string{"WEIR_TEST_AS_PROGRAM=1"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("weir %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if v := run("version"); !strings.Contains(v, runtime.GOOS+"/"+runtime.GOARCH) {
		t.Errorf("it does not know itself: %s", v)
	}
	run("init", "shop")
	if out := run("-C", "shop", "run"); !strings.Contains(out, "20 accepted") {
		t.Errorf("it cannot deliver alone:\n%s", out)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("it left more than its project: %v, %v", left, err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// exitCodesDocumented holds the page to the codes that there are, and the codes
// to what commands end with.
func exitCodesDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/run.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Exit codes")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, code := range []string{"| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |", "| 5 |", "| 130, 143 |"} {
		if !strings.Contains(table, "\n"+code) {
			t.Errorf("the page has no line %q", code)
		}
	}
	s := arrive(t, nil)
	for _, c := range []struct {
		code int
		args []string
	}{{exitChanges, []string{"plan", "--detailed-exitcode"}}, {exitOK, []string{"run"}}, {exitOK, []string{"plan", "--detailed-exitcode"}}, {exitInput, []string{"run", "--select", "nothing"}},
		{exitInput, []string{"rnu"}}, {exitInput, []string{"run", "--nothing"}}} {
		if o := s.weir(c.args...); o.code != c.code {
			t.Errorf("weir %s: exit %d, want %d\n%s", strings.Join(c.args, " "), o.code, c.code, o.all())
		}
	}
	s.write(map[string]string{"data/customers.csv": "id,email,name,plan,spent\n"})
	if o := s.weir("run"); o.code != exitHeld {
		t.Errorf("an empty source: exit %d, want %d\n%s", o.code, exitHeld, o.all())
	}
}
