package hubspot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/destinations/hubspot"
	"github.com/weir-data/weir/internal/rows"
)

// account is an adapter with its Sender in front, and the stand-in behind.
type account struct {
	t      *testing.T
	box    *hubspot.Sandbox
	opened destinations.Opened
	client *destinations.Client
	sender *destinations.Sender
	sync   *destinations.Sync

	seen []seen
	// answers are asked before the stand-in: a status other than 0 is the answer.
	answers func(*seen) (status int, body string)
	header  http.Header // of those answers
	lose    int         // so many answers are lost
}

// seen is one request as it came.
type seen struct {
	method, path string
	header       http.Header
	body         string
}

// with runs a test with an account, on virtual time.
func with(t *testing.T, more string, test func(a *account)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := &account{t: t, box: hubspot.NewSandbox(), header: http.Header{}, sync: contacts()}
		settings := destinationstest.Settings(t, &hubspot.Spec, "access_token: hidden-token\n"+more)
		limits, err := hubspot.Spec.Limits(settings)
		if err != nil {
			t.Fatal(err)
		}
		a.client = destinations.NewClient(destinations.ClientOptions{Name: "crm", Limits: limits, Base: destinationstest.Wire(a)})
		a.opened, err = hubspot.Spec.Open(settings, destinations.Env{Client: a.client.HTTP(), Name: "crm"})
		if err != nil {
			t.Fatal(err)
		}
		a.sender = destinations.NewSender(a.opened, a.client)
		makeProperty(a.box, "contacts", "ltv", "number", "")
		makeProperty(a.box, "contacts", "customer_no", "string", `,"hasUniqueValue":true`)
		test(a)
	})
}

// contacts is a sync of contacts, found by their address.
func contacts() *destinations.Sync {
	return &destinations.Sync{ID: "s0001", Name: "contacts", Object: "contacts", Kind: destinations.Record,
		Match:  []destinations.FieldInfo{{Name: "email", Type: rows.Text}},
		Fields: []destinations.FieldInfo{{Name: "firstname", Type: rows.Text}, {Name: "ltv", Type: rows.Decimal}}}
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s := seen{r.Method, r.URL.Path, r.Header.Clone(), string(body)}
	a.seen = append(a.seen, s)
	if a.answers != nil {
		if status, text := a.answers(&s); status != 0 {
			for k, v := range a.header {
				w.Header()[k] = v
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if a.lose > 0 {
		a.lose--
		a.box.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	a.box.ServeHTTP(w, r)
}

// paths are the last words of the paths that were asked, in order.
func (a *account) paths() string {
	var out []string
	for _, s := range a.seen {
		out = append(out, s.path[strings.LastIndexByte(s.path, '/')+1:])
	}
	a.seen = nil
	return strings.Join(out, " ")
}

// send sends records and compares their statuses.
func (a *account) send(statuses string, recs ...destinationstest.Rec) []destinations.Outcome {
	a.t.Helper()
	b := destinationstest.Batch(a.sync, recs...)
	defer b.Release()
	out, err := a.sender.Send(context.Background(), b)
	if err != nil {
		a.t.Fatalf("send: %v", err)
	}
	a.compare(out, statuses)
	return out
}

func (a *account) compare(out []destinations.Outcome, statuses string) {
	a.t.Helper()
	var got []string
	for i := range out {
		got = append(got, out[i].Status.String())
		destinationstest.NoSecretIn(a.t, []string{"hidden-token", "@people.example"}, out[i].Message, out[i].Code)
	}
	if text := strings.Join(got, " "); text != statuses {
		a.t.Errorf("outcomes are %s, not %s: %+v", text, statuses, out)
	}
}

// holds compares what the stand-in has: match and fields of each record.
func (a *account) holds(want ...string) {
	a.t.Helper()
	var got []string
	for _, r := range a.box.State() {
		got = append(got, r.Match+" "+r.Fields)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		a.t.Errorf("the account has\n%s\nnot\n%s", g, w)
	}
}

// call asks the stand-in as somebody else would who works in HubSpot.
func (a *account) call(method, path, body string) string {
	a.t.Helper()
	w := httptest.NewRecorder()
	a.box.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	if w.Code >= 300 {
		a.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.String()
}

// rec is a contact to be written.
func rec(op destinations.Op, n int, fields string) destinationstest.Rec {
	return destinationstest.Rec{Op: op, Key: fmt.Sprint(n), Hash: int64(n + 1), Match: match(n), Fields: fields}
}

func match(n int) string { return fmt.Sprintf(`{"email":%q}`, address(n)) }

func address(n int) string { return fmt.Sprintf("p%d@people.example", n) }

// inputs are the inputs of a request, which holds to all rules of HubSpot.
func inputs(t *testing.T, s *seen) []map[string]any {
	t.Helper()
	var body struct {
		Inputs []map[string]any `json:"inputs"`
	}
	d := json.NewDecoder(strings.NewReader(s.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		t.Fatalf("the body of %s: %v", s.path, err)
	}
	if s.method != http.MethodPost || s.header.Get("Content-Type") != "application/json" || s.header.Get("Authorization") != "Bearer hidden-token" {
		t.Errorf("%s %s with %v", s.method, s.path, s.header)
	}
	if n := len(body.Inputs); n < 1 || n > 100 {
		t.Errorf("%d inputs", n)
	}
	seenIDs, marks := map[string]bool{}, map[string]bool{}
	for _, in := range body.Inputs {
		for name, v := range in {
			text, isText := v.(string)
			switch name {
			case "id":
				if seenIDs[text] || text == "" {
					t.Errorf("the id %q comes twice", text)
				}
				seenIDs[text] = true
			case "objectWriteTraceId":
				if marks[text] || text == "" {
					t.Errorf("the mark %q comes twice", text)
				}
				marks[text] = true
			case "idProperty":
			case "properties":
				isText = true
				for p, v := range v.(map[string]any) {
					if _, is := v.(string); !is {
						t.Errorf("the value of %s is %T, not a string", p, v)
					}
				}
			default:
				t.Errorf("HubSpot does not know %q in an input", name)
			}
			if !isText {
				t.Errorf("%s is %T", name, v)
			}
		}
	}
	return body.Inputs
}
