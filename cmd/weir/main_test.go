package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program itself when it is called as
// weir, so that tests can run it, signal it and kill it.
func TestMain(m *testing.M) {
	if path := os.Getenv("WEIR_TEST_OFFLINE"); path != "" {
		goOffline(path)
	}
	if os.Getenv("WEIR_TEST_AS_PROGRAM") == "1" {
		os.Exit(Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// TestScripts runs behaviour written as files: commands, projects, what is
// printed and the exit code. `UPDATE=1 go test
// ./cmd/weir -run Scripts` rewrites the golden texts.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, scriptParams(slices.DeleteFunc(files, func(f string) bool { return strings.HasPrefix(filepath.Base(f), "newcomer_") })))
}

func scriptParams(files []string) testscript.Params {
	return testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE") == "1",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("CI", "")
			return nil
		},
		Cmds: scriptCommands,
	}
}
