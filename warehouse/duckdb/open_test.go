package duckdb

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// TestOpenRefuses: each way that a file cannot be a database has its sentence.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "notes.duckdb")
	if err := os.WriteFile(foreign, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{"", "is empty"},
		{dir, "is a folder"},
		{filepath.Join(dir, "none", "x.duckdb"), "make " + filepath.Join(dir, "none")},
		{foreign, "is not a DuckDB database file"},
	} {
		_, err := Open(t.Context(), c.path, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want one sentence with %q", c.path, err, c.want)
		}
	}
	if _, err := Open(t.Context(), ":memory:", Options{MemoryLimit: "lots"}); err == nil || !strings.Contains(err.Error(), "memory_limit") {
		t.Errorf("%v, want an error that names the setting", err)
	}
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twice.duckdb")
	one, two := open(t, path), open(t, path)
	if _, err := one.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE t AS SELECT 1 AS a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Exec(t.Context(), warehouse.Stmt{SQL: "INSERT INTO t VALUES (2)"}); err != nil {
		t.Error(err)
	}
	if _, err := Open(t.Context(), path, Options{Threads: 1}); err == nil || !strings.Contains(err.Error(), "other settings") {
		t.Errorf("%v, want an error about other settings", err)
	}
}

// TestDurable: what was written is there after closing and opening.
func TestDurable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.duckdb")
	c, err := Open(t.Context(), path, Options{MemoryLimit: "500MB", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE t AS SELECT 7::BIGINT AS a"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := cell(t, open(t, path), "SELECT a FROM t"); got.Int(0) != 7 {
		t.Errorf("%d, want 7", got.Int(0))
	}
}

// holdEnv makes this test binary hold a database for TestLocked.
const holdEnv = "WEIR_TEST_HOLD_DUCKDB"

// TestLocked starts another process that holds the file: the error says which.
func TestLocked(t *testing.T) {
	if path := os.Getenv(holdEnv); path != "" {
		if _, err := Open(t.Context(), path, Options{}); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("held\n")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the other test is done
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "held.duckdb")
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestLocked$")
	cmd.Env = append(os.Environ(), holdEnv+"="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("%q, %v", line, err)
	}
	_, err = Open(t.Context(), path, Options{})
	var locked *warehouse.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("%v, want a LockedError", err)
	}
	if locked.PID != cmd.Process.Pid || locked.Path != path {
		t.Errorf("%+v, want process %d", locked, cmd.Process.Pid)
	}
	if want := filepath.Base(self); locked.Command != want {
		t.Errorf("command %q, want %q", locked.Command, want)
	}
	if locked.Since.After(time.Now().Add(time.Minute)) || locked.Since.Before(time.Now().Add(-time.Hour)) {
		t.Errorf("running since %s", locked.Since)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestShortCommand(t *testing.T) {
	for args, want := range map[string]string{
		"/usr/bin/weir|serve|--addr|:1": "weir serve", "weir": "weir", "python3|/app/load.py": "python3 load.py", "psql|postgres://u:p@h/d": "psql", "x|--password=s": "x", "": "",
	} {
		if got := shortCommand(strings.Split(args, "|")); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
}

// TestZoneOfTheMachine: every connection reads times in UTC, wherever it runs.
func TestZoneOfTheMachine(t *testing.T) {
	t.Setenv("TZ", "America/New_York")
	c := open(t, ":memory:")
	var held []warehouse.Rows // so that each query has a connection of its own
	for range 4 {
		r, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT current_setting('TimeZone') AS z, CAST('2026-07-01 12:00:00' AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS t FROM range(10000)"})
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, r)
	}
	for _, r := range held {
		for b, err := range r.Batches() {
			if err != nil {
				t.Fatal(err)
			}
			if got := b.At(0).Text(0) + " " + string(b.At(1).AppendText(nil, 0)); got != "UTC 2026-07-01T12:00:00.000000Z" {
				t.Error(got)
			}
			b.Release()
		}
	}
}

// TestFiles: the first line names the columns and every other is a row, or
// it is an error; nothing is skipped in silence.
func TestFiles(t *testing.T) {
	c, dir := open(t, ":memory:"), t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := write("it's.csv", "id,zip,note\n1,12345,\"a, \"\"b\"\"\"\n2,02345,\n# 3,1,x\n")
	for _, f := range []struct {
		path string
		text []string
		want string // of the last column but one
	}{
		{plain, nil, "12345 02345 1"},
		{write("semi.csv", "id;zip;x\n1;7;a\n2;8;b\n"), nil, "7 8"},
		{write("a.ndjson", "{\"id\":1,\"zip\":\"007\",\"x\":1}\n{\"id\":2,\"zip\":\"8\",\"x\":1}\n"), nil, "007 8"},
		{write("head.csv", "id,zip,x\n"), nil, ""},
	} {
		var got []string
		r, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT zip::VARCHAR AS zip FROM " + Dialect.Files(f.path, f.text)})
		if err != nil {
			t.Errorf("%s: %v", f.path, err)
			continue
		}
		for b, err := range r.Batches() {
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Len() {
				got = append(got, b.At(0).Text(i))
			}
		}
		if strings.Join(got, " ") != f.want {
			t.Errorf("%s: %q, want %q", filepath.Base(f.path), got, f.want)
		}
	}
	numbers := write("numbers.csv", "id,zip\n1,12345\n")
	for want, text := range map[string][]string{"BIGINT": nil, "VARCHAR": {"zip"}} {
		if got := cell(t, c, "SELECT typeof(zip) AS z FROM "+Dialect.Files(numbers, text)).Text(0); got != want {
			t.Errorf("zip is %s, want %s", got, want)
		}
	}
	uneven := write("uneven.csv", "id,zip\n1,2\n3,4,5,6\n")
	if _, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT id, zip FROM " + Dialect.Files(uneven, nil)}); err == nil {
		t.Error("a file with uneven lines was read as if it were not")
	}
	late := write("late.csv", "id,zip\n"+strings.Repeat("1,12345\n", 300_000)+"2,ann@private.example\n")
	_, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE late AS SELECT * FROM " + Dialect.Files(late, nil)})
	if err == nil || strings.Contains(err.Error(), "ann@") || !strings.Contains(err.Error(), "zip") || !strings.Contains(err.Error(), "type: text") {
		t.Errorf("%v, want an error that names the column, without its value, and a way out", err)
	}
	if _, err := c.Exec(t.Context(), warehouse.Stmt{SQL: "CREATE TABLE late AS SELECT * FROM " + Dialect.Files(late, []string{"zip"})}); err != nil {
		t.Errorf("the way out: %v", err)
	}
	_, err = c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT * FROM " + Dialect.Files(filepath.Join(dir, "none*.csv"), nil)})
	if err == nil || !strings.Contains(err.Error(), "files:") {
		t.Errorf("%v, want a way out", err)
	}
}

// TestBigTexts: a batch ends early where its texts are large.
func TestBigTexts(t *testing.T) {
	c := open(t, ":memory:")
	r, err := c.Query(t.Context(), warehouse.Stmt{SQL: "SELECT repeat('x', 20000) AS t, [repeat('y', 100)] AS l FROM range(8192)"})
	if err != nil {
		t.Fatal(err)
	}
	n, most := 0, 0
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		n, most = n+b.Len(), max(most, b.Len())
		if len(b.At(0).Bytes(b.Len()-1)) != 20000 || b.At(1).Type != rows.TextList {
			t.Error("a text was cut")
		}
		b.Release()
	}
	if n != 8192 || most > 2048 {
		t.Errorf("%d rows, up to %d a batch", n, most)
	}
}
