package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
)

// caught is one request as it arrived.
type caught struct {
	header http.Header
	method string
	url    string
	body   string
}

// catch sends records with these settings and catches the request; the answer
// to it is given.
func catch(t *testing.T, settings, answer string, status int, s *destinations.Sync, recs ...destinationstest.Rec) (caught, []destinations.Outcome, error) {
	t.Helper()
	var got caught
	base := destinationstest.Wire(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		got = caught{r.Header.Clone(), r.Method, r.URL.String(), string(data)}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	c := destinations.NewClient(destinations.ClientOptions{Name: "hook", Base: base})
	o, err := Spec.Open(destinationstest.Settings(t, &Spec, settings), destinations.Env{Client: c.HTTP(), Name: "hook"})
	if err != nil {
		t.Fatal(err)
	}
	b := destinationstest.Batch(s, recs...)
	out, err := o.Destination.Deliver(context.Background(), b)
	return got, out, err
}

const hook = "url: https://hook.example/in\n"

func TestUsualBody(t *testing.T) {
	a := destinationstest.Person(destinations.OpUpsert, 1)
	a.OldMatch, a.Send = `{"email":"old@people.example"}`, `{"name":"quote \" and\nline"}`
	gone := destinationstest.Person(destinations.OpRemove, 2)
	gone.Fields = ""
	s := destinationstest.People()
	s.Name = "people \"x\"\u2028"
	got, out, err := catch(t, hook, `{}`, 200, s, a, gone)
	if err != nil || len(out) != 2 || out[0].Status != destinations.Accepted {
		t.Fatalf("%v, %v", out, err)
	}
	if !json.Valid([]byte(got.body)) {
		t.Fatalf("not JSON: %s", got.body)
	}
	doc := gjson.Parse(got.body)
	for path, want := range map[string]string{
		"sync": s.Name, "records.#": "2", "records.0.op": "upsert", "records.0.key": "p1", "records.0.match.email": "person1@people.example",
		"records.0.old_match.email": "old@people.example", "records.0.fields": `{"name":"quote \" and\nline"}`,
		"records.1.op": "remove", "records.1.fields": "{}", "records.1.old_match": "",
	} {
		if v := doc.Get(path).String(); v != want {
			t.Errorf("%s is %q, not %q", path, v, want)
		}
	}
	if id := doc.Get("records.0.id").String(); len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("id %q", id)
	}
	again, _, _ := catch(t, hook, `{}`, 200, s, a, gone)
	key := got.header.Get("Idempotency-Key")
	if key == "" || key != again.header.Get("Idempotency-Key") || key != got.header.Get("Webhook-Id") || again.body != got.body {
		t.Error("a repeat is not the same request")
	}
}

func TestSignature(t *testing.T) {
	got, _, err := catch(t, hook+"secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", `{}`, 200, destinationstest.People(), destinationstest.Person(destinations.OpUpsert, 1))
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, got.header.Get("Webhook-Id")+"."+got.header.Get("Webhook-Timestamp")+"."+got.body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); got.header.Get("Webhook-Signature") != want {
		t.Errorf("signed %q, not %q", got.header.Get("Webhook-Signature"), want)
	}
}

func TestTemplates(t *testing.T) {
	rec := destinationstest.Person(destinations.OpUpsert, 1)
	rec.Send = `{"visits":2}` // only this has changed, and the body holds all
	for body, want := range map[string]string{
		`{id: "{{$key}}", name: "{{name}}", n: "{{ visits }}", mail: "{{email}}", fixed: [1, true, null, "a\"b"]}`: `{"id":"p1","name":"Person 1","n":1,"mail":"person1@people.example","fixed":[1,true,null,"a\"b"]}`,
		`["{{$each}}", {op: "{{$op}}", f: "{{$fields}}", m: "{{$match}}"}]`:                                        `[{"op":"upsert","f":{"name":"Person 1","visits":1},"m":{"email":"person1@people.example"}}]`,
		`{list: "acme", rows: ["{{$each}}", "{{name}}"], end: 1.5}`:                                                `{"list":"acme","rows":["Person 1"],"end":1.5}`,
	} {
		got, _, err := catch(t, hook+"body: "+body+"\n", ``, 204, destinationstest.People(), rec)
		if err != nil || got.body != want {
			t.Errorf("%s\n became %s\n not     %s (%v)", body, got.body, want, err)
		}
	}
	if _, _, err := catch(t, hook+`body: {x: "{{nickname}}"}`+"\n", ``, 204, destinationstest.People(), rec); err == nil || !strings.Contains(err.Error(), "{{nickname}}") {
		t.Errorf("a field that is not mapped: %v", err)
	}
}

func TestSettingsAreRefused(t *testing.T) {
	for _, bad := range []string{
		"url: ftp://x.example\n", "url: /hook\n", "url: \"https://\"\n",
		hook + "rate: fast\n", hook + "rate: 0/s\n", hook + "batch_size: 0\n", hook + "connections: 0\n",
		hook + "secret: plain\n", hook + "secret: whsec_***\n",
		hook + "headers: {\"a b\": c}\n", hook + "headers: {A: \"b\\nC: d\"}\n",
		hook + `body: {x: "hello {{name}}"}` + "\n", hook + `body: {x: "{{}}"}` + "\n", hook + `body: {x: "{{$kye}}"}` + "\n",
		hook + `body: {a: ["{{$each}}", 1], b: ["{{$each}}", 2]}` + "\n",
	} {
		if o, err := Spec.Open(destinationstest.Settings(t, &Spec, bad), destinations.Env{Name: "hook"}); err == nil {
			t.Errorf("%s was taken: %+v", bad, o)
		}
	}
}

func TestResults(t *testing.T) {
	s := destinationstest.People()
	recs := destinationstest.Persons(destinations.OpUpsert, 3)
	b := destinationstest.Batch(s, recs...)
	id := func(i int) string { return string(b.AppendID(nil, i)) }
	for name, c := range map[string]struct {
		settings, answer string
		status           int
		want             [3]destinations.Status
	}{
		"in another order": {"", `{"results":[{"id":"` + id(2) + `","status":"rejected","code":"bad"},{"id":"` + id(0) + `","status":"ok"},{"id":"` + id(1) + `","status":"later"}]}`, 200, [3]destinations.Status{destinations.Accepted, destinations.Later, destinations.Rejected}},
		"only the bad":     {"", `{"results":[{"id":"` + id(1) + `","status":"exists"}]}`, 207, [3]destinations.Status{destinations.Accepted, destinations.Exists, destinations.Accepted}},
		"all with a 422":   {"results: {path: data.items, id: index, status: ok, code: why}\n", `{"data":{"items":[{"index":0,"ok":true},{"index":2,"ok":false,"why":"x"},{"index":1,"ok":true}]}}`, 422, [3]destinations.Status{destinations.Accepted, destinations.Accepted, destinations.Rejected}},
		"not JSON":         {"", `thanks`, 200, [3]destinations.Status{destinations.Accepted, destinations.Accepted, destinations.Accepted}},
	} {
		_, out, err := catch(t, hook+c.settings, c.answer, c.status, s, recs...)
		if err != nil || len(out) != 3 || out[0].Status != c.want[0] || out[1].Status != c.want[1] || out[2].Status != c.want[2] {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	_, _, err := catch(t, hook, `{"results":[{"id":"`+id(1)+`","status":"rejected"}]}`, 400, s, recs...)
	var refused *destinations.RefusedError
	if !errors.As(err, &refused) {
		t.Errorf("a 400 that tells of one only: %v", err)
	}
	_, _, err = catch(t, hook+"results: {path: items}\n", `<html>`, 200, s, recs...)
	var lost *destinations.LostError
	if !errors.As(err, &lost) {
		t.Errorf("configured results that are not there: %v", err)
	}
}

func TestOneRecordsStatus(t *testing.T) {
	for _, c := range []struct {
		op     destinations.Op
		status int
		want   destinations.Status
	}{
		{destinations.OpUpdate, 404, destinations.Missing}, {destinations.OpRemove, 404, destinations.Missing}, {destinations.OpRemove, 410, destinations.Missing}, {destinations.OpInsert, 409, destinations.Exists},
	} {
		_, out, err := catch(t, hook, `{}`, c.status, destinationstest.People(), destinationstest.Person(c.op, 1))
		if err != nil || len(out) != 1 || out[0].Status != c.want {
			t.Errorf("%d to %s: %v, %v", c.status, c.op, out, err)
		}
	}
}

func FuzzSandbox(f *testing.F) {
	b := destinationstest.Batch(destinationstest.People(), destinationstest.Persons(destinations.OpUpsert, 2)...)
	f.Add(appendBody(nil, b, appendIDs(nil, b)))
	f.Add([]byte(`{"sync":"x","records":[{"id":"1","op":"upsert","key":1,"fields":{"a":null,"a":[1,{"b":"\""}]}}]}`))
	f.Add([]byte(`[1, 2]`))
	f.Add([]byte(`{"records":[1]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, again := NewSandbox(), NewSandbox()
		s.OnWrite(again.Apply)
		if line, ok := compact(body); ok {
			_, answer := s.take(line)
			if !json.Valid([]byte(answer)) {
				t.Fatalf("the answer is not JSON: %s", answer)
			}
		}
		if len(s.State()) != len(again.State()) {
			t.Errorf("%v is %v after a replay", s.State(), again.State())
		}
	})
}
