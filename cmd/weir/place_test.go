package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/pgserver"
)

// place is where a test's source and ledger live.
type place struct {
	name string
	// make gives the warehouse and the source of a project as YAML, and how the
	// source's rows are written: replaced whole.
	make func(t *testing.T, dir string) (warehouse, source string, write func(rows map[int][2]string) error)
}

// onPlaces runs a test on every engine that is here.
func onPlaces(t *testing.T, test func(t *testing.T, p place)) {
	for _, p := range []place{inDuckDB, inPostgres} {
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}

var inDuckDB = place{"duckdb", func(_ *testing.T, dir string) (string, string, func(map[int][2]string) error) {
	return "{type: duckdb, path: killed.duckdb}", "files: people.csv", func(rows map[int][2]string) error {
		var b bytes.Buffer
		b.WriteString("id,email,name,score\n")
		for _, id := range inOrder(rows) {
			fmt.Fprintf(&b, "%d,p%d@x.example,%s,%s\n", id, id, rows[id][0], rows[id][1])
		}
		return os.WriteFile(filepath.Join(dir, "people.csv"), b.Bytes(), 0o644)
	}
}}

var inPostgres = place{"postgres", func(t *testing.T, _ string) (string, string, func(map[int][2]string) error) {
	s := pgserver.Need(t)
	db := s.Database(t)
	s.Run(t, db, "CREATE TABLE people (id BIGINT, email TEXT, name TEXT, score BIGINT)")
	return `{type: postgres, url: "` + s.URL(db, s.User) + `"}`, "table: people", func(rows map[int][2]string) error {
		values := make([]string, 0, len(rows))
		for _, id := range inOrder(rows) {
			values = append(values, fmt.Sprintf("(%d, 'p%d@x.example', '%s', %s)", id, id, rows[id][0], rows[id][1]))
		}
		s.Run(t, db, "BEGIN; DELETE FROM people; INSERT INTO people VALUES "+strings.Join(values, ", ")+"; COMMIT")
		return nil
	}
}}

func inOrder(rows map[int][2]string) []int {
	ids := make([]int, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	sort.Ints(ids)
	return ids
}
