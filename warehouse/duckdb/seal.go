package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/warehouse"
)

// tableFunctions are those that read nothing but their arguments.
var tableFunctions = map[string]bool{"range": true, "generate_series": true, "unnest": true, "repeat": true, "repeat_row": true, "json_each": true, "json_tree": true}

// scalarFunctions look outside of the query, or change something.
var scalarFunctions = map[string]bool{"getenv": true, "current_setting": true, "nextval": true, "currval": true, "write_log": true, "sleep_ms": true, "current_query": true, "setseed": true}

// fileNames are endings that DuckDB takes a table's name for a file by.
var fileNames = []string{".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".avro", ".db", ".duckdb", ".arrow", ".arrows", ".shp", ".gpkg"}

// Seal implements warehouse.Sealer by DuckDB's own parser: nothing but one
// SELECT, and no function or name in it that would read a file or the network.
func (c *Conn) Seal(ctx context.Context, sql string) error {
	if err := plainText(sql); err != nil {
		return err
	}
	var answer string
	err := c.with(func(conn bindings.Connection) error {
		defer interruptOn(ctx, conn)()
		var err error
		answer, err = oneText(conn, "SELECT json_serialize_sql("+quoteText(sql)+")::VARCHAR")
		return contextual(ctx, err)
	})
	if err != nil {
		return err
	}
	var parsed struct {
		Error      bool              `json:"error"`
		Type       string            `json:"error_type"`
		Message    string            `json:"error_message"`
		Position   string            `json:"position"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal([]byte(answer), &parsed); err != nil {
		return fmt.Errorf("duckdb: its reading of the SQL cannot be read: %w", err)
	}
	switch {
	case parsed.Error && parsed.Type == "not implemented":
		return complaint(sql, 0, "only a SELECT may stand here (a PIVOT must list its values: PIVOT … ON column IN (…))")
	case parsed.Error:
		at, err := strconv.Atoi(parsed.Position)
		if err != nil {
			at = 0
		}
		return complaint(sql, at, strings.ToLower(parsed.Type)+" error: "+parsed.Message)
	case len(parsed.Statements) == 0:
		return complaint(sql, 0, "there is no SELECT here")
	case len(parsed.Statements) > 1:
		return complaint(sql, 0, fmt.Sprintf("there are %d statements here: only one SELECT may stand here", len(parsed.Statements)))
	}
	return judge(sql, parsed.Statements[0])
}

// judge looks through the parsed statement; the first thing in the text that
// is not allowed is the complaint.
func judge(sql string, statement json.RawMessage) error {
	var tree any
	if err := json.Unmarshal(statement, &tree); err != nil {
		return fmt.Errorf("duckdb: its reading of the SQL cannot be read: %w", err)
	}
	var found []breach
	walk(tree, &found)
	if len(found) == 0 {
		return nil
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].at < found[j].at })
	return complaint(sql, found[0].at, found[0].text)
}

// breach is something that is not allowed, at a byte of the text.
type breach struct {
	at   int
	text string
}

func walk(node any, found *[]breach) {
	switch n := node.(type) {
	case []any:
		for _, item := range n {
			walk(item, found)
		}
	case map[string]any:
		if text := refusal(n); text != "" {
			*found = append(*found, breach{location(n), text})
		}
		for _, item := range n {
			walk(item, found)
		}
	}
}

// location is the byte that a node stands at; 0 where it is not told.
func location(n map[string]any) int {
	at, ok := n["query_location"].(float64)
	if !ok || at > 1<<31 {
		return 0
	}
	return int(at)
}

// refusal says why a node of the parsed statement is not allowed; "" where it is.
func refusal(n map[string]any) string {
	word := func(key string) string { s, _ := n[key].(string); return s }
	switch word("type") {
	case "TABLE_FUNCTION":
		f, _ := n["function"].(map[string]any)
		name, _ := f["function_name"].(string)
		if !tableFunctions[strings.ToLower(name)] {
			return fmt.Sprintf("%s() may not be called here: a source's SQL reads tables and other sources, no files and no network (name files under `files:` of a source of its own, and that source as {name})", name)
		}
	case "FUNCTION":
		if name := word("function_name"); scalarFunctions[strings.ToLower(name)] {
			return fmt.Sprintf("%s() may not be called here: it looks outside of the query", name)
		}
	case "BASE_TABLE":
		return fileRefusal(word("catalog_name"), word("schema_name"), word("table_name"))
	case "SHOW_REF":
		return "only a SELECT of rows may stand here"
	}
	return ""
}

// fileRefusal refuses a table's name that DuckDB would open as a file.
func fileRefusal(parts ...string) string {
	var named []string
	for _, p := range parts {
		if p != "" {
			named = append(named, p)
		}
	}
	name := strings.Join(named, ".")
	plain := strings.ToLower(name)
	for _, packed := range []string{".gz", ".zst", ".bz2"} {
		plain = strings.TrimSuffix(plain, packed)
	}
	file := strings.ContainsAny(name, `/\*?:`)
	for _, ending := range fileNames {
		file = file || strings.HasSuffix(plain, ending)
	}
	if !file {
		return ""
	}
	return fmt.Sprintf("%q would be read as a file: a source's SQL reads tables and other sources (name files under `files:` of a source of its own, and that source as {name})", name)
}

// complaint is an error at a byte of the text.
func complaint(sql string, at int, text string) error {
	before := sql[:min(at, len(sql))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return &warehouse.Error{Text: text, Line: 1 + strings.Count(before, "\n"), Col: 1 + utf8.RuneCountInString(line)}
}
