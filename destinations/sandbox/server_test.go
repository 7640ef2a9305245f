package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/destinations/sandbox"
	"github.com/weir-data/weir/destinations/webhook"
)

func options(dir string) sandbox.Options {
	return sandbox.Options{ProjectDir: dir, Destinations: []sandbox.Destination{{Name: "crm", Spec: &webhook.Spec}}, Specs: []destinations.Spec{webhook.Spec}}
}

func start(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	s, err := sandbox.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// send delivers records to a destination of a sandbox, as a run would.
func send(t *testing.T, at *sandbox.Found, name string, recs ...destinationstest.Rec) []destinations.Outcome {
	t.Helper()
	settings := destinationstest.Settings(t, &webhook.Spec, "url: https://crm.example/hook\n")
	limits, err := webhook.Spec.Limits(settings)
	if err != nil {
		t.Fatal(err)
	}
	c := destinations.NewClient(destinations.ClientOptions{Name: name, Limits: limits, Sandbox: at.URL()})
	defer c.Close()
	o, err := webhook.Spec.Open(settings, destinations.Env{Client: c.HTTP(), Sandboxed: true, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	out, err := destinations.NewSender(o, c).Send(context.Background(), destinationstest.Batch(destinationstest.People(), recs...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func held(t *testing.T, at *sandbox.Found, name string) sandbox.State {
	t.Helper()
	st, err := at.State(context.Background(), name)
	if err != nil || len(st) != 1 {
		t.Fatalf("%v, %v", st, err)
	}
	return st[0]
}

func TestItRemembers(t *testing.T) {
	dir := t.TempDir()
	s := start(t, options(dir))
	send(t, s.Found(), "crm", destinationstest.Persons(destinations.OpUpsert, 30)...)
	send(t, s.Found(), "crm", destinationstest.Person(destinations.OpRemove, 3), destinationstest.Person(destinations.OpUpsert, 4))
	before := held(t, s.Found(), "crm")
	if len(before.Records) != 29 || before.Counts.Records != 32 || before.Counts.Repeats != 1 || before.Requests != 2 {
		t.Fatalf("%d records, %+v, %d requests", len(before.Records), before.Counts, before.Requests)
	}
	if err := s.Close(); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// A request that was never answered leaves a torn line.
	f, err := os.OpenFile(filepath.Join(dir, ".weir", "sandbox", "crm.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"sync":"people","records":[{"id":"12`); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()

	s = start(t, options(dir))
	after := held(t, s.Found(), "crm")
	if len(after.Records) != 29 || after.Counts != before.Counts {
		t.Fatalf("after a restart %d records, %+v", len(after.Records), after.Counts)
	}
	for i := range after.Records {
		if after.Records[i] != before.Records[i] {
			t.Errorf("%+v is %+v after a restart", before.Records[i], after.Records[i])
		}
	}
	send(t, s.Found(), "crm", destinationstest.Person(destinations.OpUpsert, 99))
	if err := s.Found().Reset(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	s = start(t, options(dir))
	if n := len(held(t, s.Found(), "crm").Records); n != 0 {
		t.Errorf("%d records after a reset and a restart", n)
	}
}

func TestOneServerAProject(t *testing.T) {
	dir := t.TempDir()
	if f, err := sandbox.Find(context.Background(), dir); f != nil || err != nil {
		t.Fatalf("found %v, %v", f, err)
	}
	s := start(t, options(dir))
	var running *sandbox.RunningError
	if _, err := sandbox.Start(context.Background(), options(dir)); !errors.As(err, &running) || running.Found.Address != s.Found().Address {
		t.Fatalf("a second one: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, ".weir", "sandbox.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	o := options(dir)
	o.Destinations = append(o.Destinations, sandbox.Destination{Name: "later", Spec: &webhook.Spec})
	at, stop, err := sandbox.Reach(context.Background(), o)
	if err != nil || at.Address != s.Found().Address {
		t.Fatalf("%v, %v", at, err)
	}
	send(t, at, "later", destinationstest.Person(destinations.OpUpsert, 1))

	// The one that started it waits for the one that uses it.
	closed := make(chan error)
	go func() { closed <- s.Shutdown(context.Background()) }()
	send(t, at, "later", destinationstest.Person(destinations.OpUpsert, 2))
	select {
	case err := <-closed:
		t.Fatalf("it ended although it was in use: %v", err)
	default:
	}
	if err := stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if f, err := sandbox.Find(context.Background(), dir); f != nil || err != nil {
		t.Errorf("found %v after its end, %v", f, err)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, sandbox.Options{Memory: true, Destinations: options("").Destinations})
	at := s.Found()
	tell := func(faults string) error {
		list, err := sandbox.ReadFaults(strings.NewReader(faults))
		if err != nil {
			return err
		}
		return at.Fail(context.Background(), "crm", list)
	}
	for _, bad := range []string{`[{}]`, `[{"status":99}]`, `[{"drop":"later"}]`, `[{"hang":true,"status":500}]`, `[{"slow":"a while"}]`, `[{"record":{}}]`, `[{"stauts":500}]`, `what`} {
		if err := tell(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if err := tell(`[{"status":429,"retry_after":"0.01","every":2,"times":1},{"record":{"key":"p1","code":"invalid_email","field":"email"}}]`); err != nil {
		t.Fatal(err)
	}
	send(t, at, "crm", destinationstest.Person(destinations.OpUpsert, 0))
	out := send(t, at, "crm", destinationstest.Persons(destinations.OpUpsert, 3)...)
	if out[1].Status != destinations.Rejected || out[1].Code != "invalid_email" || out[1].Field != "email" || out[2].Status != destinations.Accepted {
		t.Errorf("%+v", out)
	}
	st := held(t, at, "crm")
	if st.Requests != 3 || st.Failed != 1 || len(st.Records) != 2 || len(st.Faults) != 2 {
		t.Errorf("%+v", st)
	}
	if err := tell(`[]`); err != nil {
		t.Fatal(err)
	}
	if out := send(t, at, "crm", destinationstest.Person(destinations.OpUpsert, 1)); out[0].Status != destinations.Accepted {
		t.Errorf("after the faults: %+v", out)
	}
}

// get asks a path of the sandbox.
func get(t *testing.T, at *sandbox.Found, path string, change func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.URL().String()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestPage(t *testing.T) {
	s := start(t, sandbox.Options{Memory: true, Destinations: options("").Destinations})
	at := s.Found()
	evil := destinationstest.Person(destinations.OpUpsert, 7)
	evil.Fields = `{"name":"<script>alert(1)</script>","visits":7}`
	send(t, at, "crm", append(destinationstest.Persons(destinations.OpUpsert, 150)[:120:120], evil)...)
	if err := at.Fail(context.Background(), "crm", []sandbox.Fault{{Hang: true, After: 5}}); err != nil {
		t.Fatal(err)
	}
	status, page := get(t, at, "/", nil)
	for _, want := range []string{"crm", "person7@people.example", "&lt;script&gt;", "120", "100 of 120", "never answers, after the first 5"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page (%d) has no %q", status, want)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("a value became part of the page")
	}
}

func TestOwnPathsNeedTheToken(t *testing.T) {
	s := start(t, sandbox.Options{Memory: true, Destinations: options("").Destinations})
	at := s.Found()
	for _, token := range []string{"", "wrong"} {
		if status, body := get(t, at, "/_weir/state", func(r *http.Request) { r.Header.Set(sandbox.TokenHeader, token) }); status != http.StatusUnauthorized {
			t.Errorf("token %q: %d %s", token, status, body)
		}
	}
	if status, _ := get(t, at, "/", func(r *http.Request) { r.Host = "elsewhere.example" }); status != http.StatusForbidden {
		t.Errorf("the page by another name: %d", status)
	}
	if status, body := get(t, at, "/hook", nil); status != http.StatusNotFound || !strings.Contains(body, destinations.SandboxHeader) {
		t.Errorf("without a destination: %d %s", status, body)
	}
	if status, _ := get(t, at, "/hook", func(r *http.Request) { r.Header.Set(destinations.SandboxHeader, "nobody") }); status != http.StatusServiceUnavailable {
		t.Errorf("an unknown destination: %d", status)
	}
}

func TestUnknownLineIsNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".weir", "sandbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".weir", "sandbox", "crm.jsonl"), bytes.Repeat([]byte("no\n"), 2), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, options(dir))
	if _, err := s.Found().State(context.Background(), "crm"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
}

func TestLongHistoryIsShortened(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, ".weir", "sandbox")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "crm.jsonl")
	line := `{"sync":"people","records":[{"id":"1","op":"upsert","key":"p1","match":{},"fields":{"note":"` + strings.Repeat("x", 4000) + `"}}]}` + "\n"
	if err := os.WriteFile(path, bytes.Repeat([]byte(line), 9000), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := start(t, options(dir))
		st := held(t, s.Found(), "crm")
		if len(st.Records) != 1 || st.Records[0].Writes != 9000 || st.Records[0].Match != "p1" {
			t.Errorf("%d records, %d writes", len(st.Records), st.Records[0].Writes)
		}
		_ = s.Close()
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 10_000 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

func TestRefusedIsNotRemembered(t *testing.T) {
	dir := t.TempDir()
	s := start(t, options(dir))
	if err := s.Host("crm").Fail(sandbox.Fault{Record: &destinations.RecordFault{Key: "p1"}}); err != nil {
		t.Fatal(err)
	}
	send(t, s.Found(), "crm", destinationstest.Persons(destinations.OpUpsert, 3)...)
	send(t, s.Found(), "crm", destinationstest.Person(destinations.OpUpsert, 1))
	_ = s.Close()
	s = start(t, options(dir))
	if st := held(t, s.Found(), "crm"); len(st.Records) != 2 {
		t.Errorf("%+v", st.Records)
	}
}
