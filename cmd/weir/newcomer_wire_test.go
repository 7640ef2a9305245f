package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// answers answers each record of a request by itself: ok, and rejected for one key.
func answers(w http.ResponseWriter, status int, in sent, bad string) {
	var parts []string
	for _, r := range in.Records {
		if string(r.Key) == bad {
			parts = append(parts, fmt.Sprintf(`{"id":%q,"status":"rejected","code":"invalid_email","field":"email","message":"has no at sign"}`, r.ID))
			continue
		}
		parts = append(parts, fmt.Sprintf(`{"id":%q,"status":"ok"}`, r.ID))
	}
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"results":[%s]}`, strings.Join(parts, ","))
}

// singleAnswers lets an endpoint answer 207 and 200 with a word for each
// record, and 400 to any batch with a bad one: each time all others are
// delivered, and the one is listed by its primary key.
func singleAnswers(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, sent){
		"207": func(w http.ResponseWriter, in sent) { answers(w, http.StatusMultiStatus, in, "7") },
		"200": func(w http.ResponseWriter, in sent) { answers(w, http.StatusOK, in, "7") },
		"422": func(w http.ResponseWriter, in sent) { answers(w, http.StatusUnprocessableEntity, in, "7") },
		"400": func(w http.ResponseWriter, in sent) {
			for _, r := range in.Records {
				if string(r.Key) == "7" {
					http.Error(w, `{"error":{"code":"invalid_email","message":"a record is bad"}}`, http.StatusBadRequest)
					return
				}
			}
			w.WriteHeader(http.StatusNoContent)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEndpoint(t, func(w http.ResponseWriter, _ int, body []byte) { answer(w, recordsOf(t, body)) })
			s := arrive(t, live(e.URL, ", batch_size: 5"))
			o := s.must("run")
			s.wants("run", o.out, "sent      20 = 19 accepted + 1 rejected ✓", "(key")
			o = s.must("rejects")
			s.wants("rejects", o.out, "1 refused, 0 not sendable", "\n  7  ")
			requests, _ := e.seen()
			if len(requests) > 4+6 { // four batches; to find one of five takes at most six more
				t.Errorf("%d requests", len(requests))
			}
			s.wants("ledger show", s.must("ledger", "show").out, "acked     19 rows", "parked    1 row")
		})
	}
}

// typedValues sends what is awkward in JSON: each value arrives as its type,
// what JSON cannot hold stays behind, and every body is JSON.
func typedValues(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, _ int, _ []byte) { w.WriteHeader(http.StatusNoContent) })
	values := []struct{ name, sql, want string }{
		{"quotes", `'He said "hi"' || chr(10) || chr(9) || '\ {{name}}, it''s é'`, `"He said \"hi\"\n\t\\ {{name}}, it's é"`},
		{"nothing", `CAST(NULL AS VARCHAR)`, ``},
		{"price", `CAST(12.50 AS DECIMAL(10,2))`, `12.5`},
		{"exact", `CAST(123456789.123456789 AS DECIMAL(38,9))`, `123456789.123456789`},
		{"whole", `9007199254740993`, `9007199254740993`},
		{"tenth", `CAST(0.1 AS DOUBLE)`, `0.1`},
		{"yes", `true`, `true`},
		{"day", `DATE '2026-01-31'`, `"2026-01-31"`},
		{"moment", `TIMESTAMP '2026-01-31 09:30:00.5'`, `"2026-01-31T09:30:00.500000Z"`},
		{"zoned", `TIMESTAMPTZ '2026-01-31 09:30:00+02'`, `"2026-01-31T07:30:00.000000Z"`},
		{"bytes", `'ab\xFF'::BLOB`, `"YWL/"`},
		{"list", `['x', NULL]`, `["x",null]`},
		{"struct", `{'a': 1}`, `{"a":1}`},
		{"json", `CAST('{"k": [1, null]}' AS JSON)`, `{"k":[1,null]}`},
		{"uuid", `CAST('4b1d7b9e-5d8a-4a4a-9d3c-6f6f6f6f6f6f' AS UUID)`, `"4b1d7b9e-5d8a-4a4a-9d3c-6f6f6f6f6f6f"`},
	}
	var columns, mapping strings.Builder
	for _, v := range values {
		fmt.Fprintf(&columns, ", %s AS %s", v.sql, v.name)
		fmt.Fprintf(&mapping, "      %s: %s\n", v.name, v.name)
	}
	files := live(e.URL, "")
	files["models/customers.yml"] = "sources:\n  - name: customers\n    primary_key: id\n    sql: |\n      SELECT id, odd" + columns.String() +
		"\n      FROM (VALUES (1, 1.5), (2, 'nan'::DOUBLE), (3, '-inf'::DOUBLE)) t(id, odd)\n"
	files["syncs/customers_to_hook.yml"] = "syncs:\n  - name: customers_to_hook\n    from: customers\n    to: hook\n    fields:\n      odd: odd\n" + mapping.String()
	s := arrive(t, files)
	o := s.must("run")
	s.wants("run", o.out, "sent      1 = 1 accepted", "invalid   2 rows: a value that JSON cannot hold (NaN or Infinity) in odd (first key ")
	bodies, _ := e.seen()
	if len(bodies) != 1 || !json.Valid(bodies[0]) {
		t.Fatalf("%d bodies: %s", len(bodies), bodies)
	}
	got := recordsOf(t, bodies[0])
	if len(got.Records) != 1 || string(got.Records[0].Key) != "1" {
		t.Fatalf("%s", bodies[0])
	}
	for _, v := range values {
		if g := string(got.Records[0].Fields[v.name]); g != v.want {
			t.Errorf("%s = %s arrives as %s, want %s", v.name, v.sql, g, v.want)
		}
	}
}

// repeatsAreKnown loses the first answer: what is sent again carries the key of
// the first, by default, and another request another.
func repeatsAreKnown(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, n int, _ []byte) {
		if n == 1 {
			panic(http.ErrAbortHandler) // read, and not answered
		}
		w.WriteHeader(http.StatusNoContent)
	})
	s := arrive(t, live(e.URL, ", batch_size: 10, connections: 1"))
	s.wants("run", s.must("run").out, "sent      20 = 20 accepted ✓", "requests  3 (1 of them repeats)")
	bodies, headers := e.seen()
	if len(bodies) != 3 {
		t.Fatalf("%d requests", len(bodies))
	}
	for _, name := range []string{"Idempotency-Key", "Webhook-Id"} {
		first, again, other := headers[0].Get(name), headers[1].Get(name), headers[2].Get(name)
		if first == "" || first != again || other == first || string(bodies[0]) != string(bodies[1]) {
			t.Errorf("%s: %q, %q for the same, %q for another", name, first, again, other)
		}
	}
}
