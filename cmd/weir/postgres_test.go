package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/weir-data/weir/internal/pgserver"
)

// TestPostgresScripts runs testdata/postgres: each script has an empty
// database, its URL in PGURL and its server's port in PGPORT.
func TestPostgresScripts(t *testing.T) {
	s := pgserver.Need(t)
	files, err := filepath.Glob("testdata/postgres/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	p := scriptParams(files)
	setup, cmds := p.Setup, map[string]func(*testscript.TestScript, bool, []string){"pg": func(ts *testscript.TestScript, _ bool, args []string) {
		s.Run(quiet{ts}, ts.Getenv("PGDATABASE"), args...)
	}}
	for name, f := range p.Cmds {
		cmds[name] = f
	}
	p.Cmds = cmds
	p.Setup = func(e *testscript.Env) error {
		db := strings.ReplaceAll(filepath.Base(e.WorkDir), "-", "_")
		s.Run(t, "postgres", "DROP DATABASE IF EXISTS "+db+" WITH (FORCE)", "CREATE DATABASE "+db)
		for name, value := range map[string]string{"PGURL": s.URL(db, s.User), "PGPORT": fmt.Sprint(s.Port), "PGDATABASE": db, "PASS": "PGURL PGPORT PGDATABASE"} {
			e.Setenv(name, value)
		}
		return setup(e)
	}
	testscript.Run(t, p)
}

// quiet is a script as pgserver wants a test.
type quiet struct{ *testscript.TestScript }

func (q quiet) Helper()           {}
func (q quiet) Skip(args ...any)  { q.Fatalf("%s", fmt.Sprint(args...)) }
func (q quiet) Fatal(args ...any) { q.Fatalf("%s", fmt.Sprint(args...)) }
