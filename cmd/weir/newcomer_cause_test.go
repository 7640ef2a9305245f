package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/sandbox"
)

// bad is one way in which a run goes wrong, and what must be said of it
// wherever one looks: in what the run prints, in its JSON, and afterwards.
type bad struct {
	name   string
	files  map[string]string
	faults []sandbox.Fault
	args   []string // beside run
	exit   int
	says   []string
}

// hook is the destination with some settings.
func hook(settings string) map[string]string {
	return map[string]string{"destinations/hook.yml": "destinations:\n  - {name: hook, type: webhook, url: \"https://example.com/hook\"" + settings + "}\n"}
}

func syncOf(lines string) map[string]string {
	return map[string]string{"syncs/customers_to_hook.yml": "syncs:\n  - name: customers_to_hook\n    from: customers\n    to: hook\n    mode: mirror\n" + lines}
}

func query(sql string) map[string]string {
	return map[string]string{"syncs/customers_to_hook.yml": syncOf(mapped)["syncs/customers_to_hook.yml"], "models/customers.yml": "sources:\n  - name: customers\n    primary_key: id\n    sql: |\n      " + sql + "\n"}
}

const mapped = "    match: {email: email}\n    fields: {name: name}\n"

// badInputs stop a run before it begins: their causes are findings.
var badInputs = []bad{
	{name: "a key that is optional, mistyped", files: hook(", batchsize: 5"), exit: exitInput, says: []string{"destinations/hook.yml:2:66", "batchsize", "batch_size"}},
	{name: "a key that is needed, mistyped", files: syncOf("    mach: {email: email}\n    fields: {name: name}\n"), exit: exitInput, says: []string{"syncs/customers_to_hook.yml:6:5", "mach", "match"}},
	{name: "a value of another type", files: hook(", batch_size: many"), exit: exitInput, says: []string{"destinations/hook.yml:2:78", "batch_size must be a whole number", "many"}},
	{name: "a word that is none of those", files: map[string]string{"syncs/customers_to_hook.yml": "syncs:\n  - {name: customers_to_hook, from: customers, to: hook, mode: miror}\n"}, exit: exitInput, says: []string{"syncs/customers_to_hook.yml:2:64", "miror", "mirror"}},
	{name: "a destination of no type", files: map[string]string{"destinations/hook.yml": "destinations:\n  - {name: hook, type: rest, url: \"https://example.com\"}\n"}, exit: exitInput, says: []string{"destinations/hook.yml:2:24", "rest", "webhook"}},
	{name: "no YAML", files: map[string]string{"syncs/customers_to_hook.yml": "syncs:\n  - name: [\n"}, exit: exitInput, says: []string{"syncs/customers_to_hook.yml:", "YAML"}},
	{name: "a column that the body needs and nothing maps", files: hook(`, body: {id: "{{namme}}"}`), exit: exitInput, says: []string{"syncs/customers_to_hook.yml:2:11", "{{namme}}"}},
	{name: "variables that are not set", files: map[string]string{"weir.yml": "version: 1\nname: shop\ntargets: {prod: {warehouse: {type: duckdb, path: shop.duckdb}, live: true}}\n",
		"destinations/hook.yml": "destinations:\n  - {name: hook, type: webhook, url: \"${SINK_URL}\", headers: {Authorization: \"${SINK_TOKEN}\"}}\n"}, exit: exitInput, says: []string{"destinations/hook.yml:2:39", "${SINK_URL}", "${SINK_TOKEN}", "has no value"}},
	{name: "a target that is not there", args: []string{"--target", "nosuch"}, exit: exitInput, says: []string{"nosuch", "the targets are dev"}},
}

// badRuns go wrong on their way.
var badRuns = []bad{
	{name: "a query that is no SQL", files: query("SELEC 1 AS id"), exit: exitInput, says: []string{"models/customers.yml:5:7", "SELEC"}},
	{name: "a table that is not there", files: query("SELECT * FROM nothing_here"), exit: exitInput, says: []string{"models/customers.yml:5:21", "nothing_here"}},
	{name: "a column that is not there", files: syncOf("    match: {email: email}\n    fields: {name: namme}\n"), exit: exitInput, says: []string{"syncs/customers_to_hook.yml:7:20", "namme", "name"}},
	{name: "keys that stand there twice", files: query("SELECT * FROM (VALUES (1, 'a', 'x'), (1, 'b', 'y'), (2, 'c', 'z')) t(id, email, name)"), exit: exitOK, says: []string{"duplicate", "2 rows", "the primary key is not unique", "key 1"}},
	{name: "keys that are NULL", files: query("SELECT * FROM (VALUES (1, 'a', 'x'), (NULL, 'b', 'y')) t(id, email, name)"), exit: exitOK, says: []string{"invalid", "1 row", "the primary key is NULL"}},
	{name: "one bad row in a batch that is refused whole", files: hook(", batch_size: 5"), faults: []sandbox.Fault{{Record: &destinations.RecordFault{Key: "7", Code: "bad", Whole: true}}}, exit: exitOK, says: []string{"rejected", "1 row", "400 Bad Request", "a record of the request is not valid", "7"}},
	{name: "one row that the answer refuses", faults: []sandbox.Fault{{Record: &destinations.RecordFault{Key: "7", Code: "invalid_email", Field: "email"}}}, exit: exitOK, says: []string{"rejected", "1 row", "invalid_email", "email", "7"}},
	{name: "too busy for ten minutes", faults: []sandbox.Fault{{Status: 429, RetryAfter: "600"}}, exit: exitOutside, says: []string{"429 Too Many Requests", "deferred", "20 rows"}},
	{name: "broken for ever", faults: []sandbox.Fault{{Status: 500, Body: `{"error":{"message":"the disk is full"}}`}}, exit: exitOutside, says: []string{"500 Internal Server Error", "the disk is full", "deferred", "20 rows"}},
	{name: "who are you", faults: []sandbox.Fault{{Status: 401}}, exit: exitOutside, says: []string{"401 Unauthorized", "destination hook"}},
	{name: "it forbids", faults: []sandbox.Fault{{Status: 403}}, exit: exitOutside, says: []string{"403 Forbidden", "destination hook"}},
	{name: "slower than its time-out", files: hook(", timeout: 100ms"), faults: []sandbox.Fault{{Slow: "30s"}}, exit: exitOutside, says: []string{"did not answer within 100ms", "unknown", "20 rows"}},
	{name: "it hangs", files: hook(", timeout: 100ms"), faults: []sandbox.Fault{{Hang: true}}, exit: exitOutside, says: []string{"did not answer within 100ms", "unknown", "20 rows"}},
	{name: "nobody listens", files: live("http://127.0.0.1:9", ""), exit: exitOutside, says: []string{"127.0.0.1:9", "connection refused", "deferred", "20 rows"}},
}

// causes plays each, and looks for the cause everywhere.
func causes(t *testing.T) {
	for _, b := range badInputs {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := arrive(t, b.files)
			b.told(s, "run")
			b.told(s, "run", "--json")
			b.told(s, "check")
			if o := s.weir(append([]string{"runs", "--last"}, b.args...)...); !b.in(o.all()) {
				t.Errorf("runs --last does not say why the next run will stop:\n%s", o.all())
			}
		})
	}
	for _, b := range badRuns {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := arrive(t, b.files)
			if b.faults != nil {
				s.serve()
				s.fail(b.faults...)
			}
			b.told(s, "run")
			for _, args := range [][]string{{"runs", "--last"}, {"runs"}, {"runs", "--last", "--json"}} {
				if o := s.weir(args...); o.code != 0 || !b.in(o.all()) {
					t.Errorf("weir %s: exit %d, and does not say all of %q:\n%s", strings.Join(args, " "), o.code, b.says, o.all())
				}
			}
			if len(b.faults) > 0 {
				s.must("resync", "customers_to_hook", "--fresh", "--confirm", "customers_to_hook")
			}
			b.told(s, "run", "--json")
		})
	}
}

// told runs it and looks at the exit code and for what must be said.
func (b bad) told(s *newcomer, args ...string) {
	s.t.Helper()
	o := s.weir(append(args, b.args...)...)
	if o.code != b.exit || !b.in(o.all()) {
		s.t.Errorf("weir %s: exit %d, want %d, and all of %q:\n%s", strings.Join(args, " "), o.code, b.exit, b.says, o.all())
	}
	if slices.Contains(args, "--json") && !json.Valid([]byte(o.out)) {
		s.t.Errorf("weir %s prints more than one JSON document:\n%s", strings.Join(args, " "), o.out)
	}
}

// in tells whether all is said; JSON says file, line and column, and how many
// rows, each on its own, and has words of its own for codes.
func (b bad) in(text string) bool {
	var doc any
	if start := strings.IndexByte(text, '{'); start >= 0 && json.Unmarshal([]byte(text[start:]), &doc) == nil {
		text = flat(doc)
	}
	return !slices.ContainsFunc(b.says, func(w string) bool { return !strings.Contains(text, w) })
}

// flat is a JSON document as a person would say it: places and counts in one word.
func flat(v any) string {
	var b strings.Builder
	switch v := v.(type) {
	case map[string]any:
		if file, ok := v["file"].(string); ok {
			b.WriteString(file + ":" + flat(v["line"]) + ":" + flat(v["col"]) + "\n")
		}
		if n, ok := v["n"].(float64); ok {
			b.WriteString(flat(n) + map[bool]string{true: " row", false: " rows"}[n == 1] + "\n")
		}
		if code, ok := v["code"].(string); ok {
			b.WriteString(problemWords(code) + "\n")
		}
		if key, ok := v["first_key"].(string); ok {
			b.WriteString("key " + key + "\n")
		}
		for _, c := range v {
			b.WriteString(flat(c) + "\n")
		}
	case []any:
		for _, c := range v {
			b.WriteString(flat(c) + "\n")
		}
	case string:
		return v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
	return b.String()
}
