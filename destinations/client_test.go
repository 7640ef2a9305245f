package destinations_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
)

// post sends one request, over the network, through a client of its own.
func post(t *testing.T, address string, o destinations.ClientOptions) (*destinations.Answer, error) {
	t.Helper()
	c := destinations.NewClient(o)
	t.Cleanup(c.Close)
	body := destinations.NewBody()
	defer body.Release()
	body.B = append(body.B, `{"hidden":"in the body"}`...)
	req, err := destinations.NewRequest(destinations.Repeatable(context.Background(), false), http.MethodPost, address, body)
	if err != nil {
		t.Fatal(err)
	}
	a, err := destinations.Do(c.HTTP(), req)
	if err != nil {
		destinationstest.NoSecretIn(t, []string{"hidden"}, err.Error())
	}
	return a, err
}

func near(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL + "/hidden/path?token=hidden"
}

var allow = destinations.ClientOptions{AllowPrivate: true}

func TestAnswerIsRead(t *testing.T) {
	a, err := post(t, near(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		if r.ContentLength != int64(len(data)) {
			t.Errorf("length %d of %d bytes", r.ContentLength, len(data))
		}
		_, _ = w.Write(data)
	}), allow)
	if err != nil || a.Code != 200 || string(a.Body) != `{"hidden":"in the body"}` || a.Err() != nil {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestLostAnswers(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"closed": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		},
	} {
		_, err := post(t, near(t, h), allow)
		var lost *destinations.LostError
		if !errors.As(err, &lost) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	o := allow
	o.Limits.Timeout = 20 * time.Millisecond
	_, err := post(t, near(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done() // it never answers
	}), o)
	var lost *destinations.LostError
	if !errors.As(err, &lost) || lost.Code != "timeout" {
		t.Errorf("%v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://hidden:hidden@" + l.Addr().String() + "/hidden"
	_ = l.Close()
	c := destinations.NewClient(allow)
	ctx, cancel := context.WithCancel(context.Background())
	tried := 0
	c.Guard(func() error { // one attempt is enough
		if tried++; tried > 1 {
			cancel()
			return ctx.Err()
		}
		return nil
	})
	req, err := destinations.NewRequest(ctx, http.MethodPost, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = destinations.Do(c.HTTP(), req)
	if err == nil || tried != 2 {
		t.Fatalf("%v after %d attempts", err, tried)
	}
	destinationstest.NoSecretIn(t, []string{"hidden"}, err.Error())
}

func TestPrivateAddresses(t *testing.T) {
	called := false
	address := near(t, func(http.ResponseWriter, *http.Request) { called = true })
	_, err := post(t, address, destinations.ClientOptions{})
	if err == nil || called || !strings.Contains(err.Error(), "allow_private") {
		t.Errorf("a loopback address was reached: %v", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := post(t, "http://localhost:"+u.Port()+"/", destinations.ClientOptions{}); err == nil || called {
		t.Errorf("a name of a loopback address was reached: %v", err)
	}
}

func TestCertificateIsChecked(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	t.Cleanup(srv.Close)
	_, err := post(t, srv.URL, allow)
	var down *destinations.DownError
	if !errors.As(err, &down) || down.Code != "tls" {
		t.Errorf("%v", err)
	}
}

func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed to another host") }))
	t.Cleanup(elsewhere.Close)
	for to, want := range map[string]int{elsewhere.URL: 307, "/same": 200} {
		a, err := post(t, near(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/same" {
				data, _ := io.ReadAll(r.Body)
				if r.Method != http.MethodPost || len(data) == 0 {
					t.Errorf("followed as %s of %d bytes", r.Method, len(data))
				}
				return
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}), allow)
		if err != nil || a.Code != want {
			t.Errorf("to %s: %+v, %v", to, a, err)
		}
	}
	a, err := post(t, near(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/get", http.StatusFound) }), allow)
	var down *destinations.DownError
	if err != nil || !errors.As(a.Err(), &down) {
		t.Errorf("a POST that would become a GET: %v, %v", a, err)
	}
}

func TestSandboxGetsNoSecrets(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" || r.Header.Get("Authorization") != "" || r.URL.Path != "/v1/things" || r.Header.Get(destinations.SandboxHeader) != "crm" {
			t.Errorf("the sandbox got %s %v", r.URL, r.Header)
		}
	}))
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := destinations.NewClient(destinations.ClientOptions{Name: "crm", Sandbox: at})
	t.Cleanup(c.Close)
	req, err := destinations.NewRequest(context.Background(), http.MethodPost, "https://user:pass@vendor.example/v1/things?key=secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer secret")
	if a, err := destinations.Do(c.HTTP(), req); err != nil || !a.OK() {
		t.Errorf("%v, %v", a, err)
	}
}
