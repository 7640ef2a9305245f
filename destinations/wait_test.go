package destinations

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// script answers requests in turn.
type script struct {
	answers []*http.Response
	at      []time.Time
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.at = append(s.at, time.Now())
	a := s.answers[0]
	s.answers = s.answers[1:]
	a.Request = req
	return a, nil
}

func says(code int, body string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// TestWaitsOfAVendorsOwn: what an answer asks in words of its own is kept as if
// it stood in Retry-After, and its body is still there to be read.
func TestWaitsOfAVendorsOwn(t *testing.T) {
	wait := func(code int, _ http.Header, body []byte) time.Duration {
		switch {
		case code == http.StatusOK && body == nil:
			return 2 * time.Second
		case string(body) == "slow":
			return 7 * time.Second
		}
		return 0
	}
	synctest.Test(t, func(t *testing.T) {
		wire := &script{answers: []*http.Response{says(429, "slow"), says(200, "one"), says(400, "bad")}}
		c := NewClient(ClientOptions{Name: "x", Limits: Limits{Connections: 1, Wait: wait}, Base: wire})
		var got []string
		for range 2 {
			req, err := NewRequest(Repeatable(context.Background(), true), http.MethodGet, "https://x.example", nil)
			if err != nil {
				t.Fatal(err)
			}
			a, err := Do(c.HTTP(), req)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(a.Body))
		}
		if strings.Join(got, " ") != "one bad" {
			t.Errorf("read %v", got)
		}
		if gap := wire.at[1].Sub(wire.at[0]); gap < 7*time.Second {
			t.Errorf("after a pause of 7 s asked for, %s", gap)
		}
		if gap := wire.at[2].Sub(wire.at[1]); gap < 2*time.Second {
			t.Errorf("after a pause of 2 s asked for, %s", gap)
		}
	})
}
