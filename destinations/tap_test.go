package destinations

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestTap: every attempt is seen as it went, and goes all the same.
func TestTap(t *testing.T) {
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if got = append(got, string(body)); len(got) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "fine")
	}))
	defer srv.Close()
	c := NewClient(ClientOptions{Name: "hook", AllowPrivate: true})
	defer c.Close()
	var seen []Exchange
	c.Tap(func(x Exchange) { seen = append(seen, x) })
	body := NewBody()
	body.B = append(body.B, `{"a":1}`...)
	req, err := NewRequest(Repeatable(t.Context(), true), http.MethodPost, srv.URL+"/in", body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := Do(c.HTTP(), req)
	body.Release()
	if err != nil || string(answer.Body) != "fine" {
		t.Fatalf("%v, %v", answer, err)
	}
	if len(seen) != 2 || seen[0].Code != 500 || seen[1].Code != 200 || string(seen[1].Answer) != "fine" || seen[1].URL.Path != "/in" {
		t.Fatalf("seen %+v", seen)
	}
	for i := range seen {
		if string(seen[i].Body) != `{"a":1}` || got[i] != string(seen[i].Body) {
			t.Errorf("attempt %d: seen %q, arrived %q", i, seen[i].Body, got[i])
		}
	}
	c.Tap(nil)
	c.Close() // no connection is kept
	srv.Close()
	if req, err = NewRequest(t.Context(), http.MethodGet, srv.URL, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Do(c.HTTP(), req); err == nil || !strings.Contains(err.Error(), "could not connect") || len(seen) != 2 {
		t.Errorf("%v, %d seen", err, len(seen))
	}
}
