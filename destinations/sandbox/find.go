package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// TokenHeader carries the token of a sandbox's own paths, those below /_weir/.
const TokenHeader = "X-Weir-Token"

// Found is a sandbox that serves a project, in this process or another.
type Found struct {
	PID     int    `json:"pid"`
	Address string `json:"address"` // 127.0.0.1:7447
	Token   string `json:"token"`
}

// URL is where requests go.
func (f *Found) URL() *url.URL { return &url.URL{Scheme: "http", Host: f.Address} }

func recordPath(project string) string { return filepath.Join(project, ".weir", "sandbox.json") }

// Find looks for a living sandbox of a project: one that is written down and
// answers to its token. Nil, and no error, when there is none.
func Find(ctx context.Context, project string) (*Found, error) {
	data, err := os.ReadFile(recordPath(project))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read where the sandbox is: %w", err)
	}
	var f Found
	if json.Unmarshal(data, &f) != nil || f.Address == "" || f.Token == "" {
		return nil, nil
	}
	ping, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := f.call(ping, http.MethodGet, "/_weir/ping", nil); err != nil {
		return nil, ctx.Err() // it has ended
	}
	return &f, nil
}

// direct speaks to sandboxes, never through a proxy.
var direct = &http.Client{Transport: &http.Transport{Proxy: nil, IdleConnTimeout: time.Second, DisableKeepAlives: true}}

// call asks one of the sandbox's own paths.
func (f *Found) call(ctx context.Context, method, path string, body any) ([]byte, error) {
	var in bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&in).Encode(body); err != nil {
			return nil, err
		}
	}
	resp, err := f.send(ctx, method, path, &in)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("the sandbox at %s broke off its answer: %w", f.Address, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the sandbox at %s answered %d: %s", f.Address, resp.StatusCode, bytes.TrimSpace(data))
	}
	return data, nil
}

func (f *Found) send(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+f.Address+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set(TokenHeader, f.Token)
	resp, err := direct.Do(req)
	var addressed *url.Error
	if errors.As(err, &addressed) {
		return nil, fmt.Errorf("the sandbox at %s does not answer: %w", f.Address, addressed.Err)
	}
	return resp, err
}

// Serve makes the sandbox serve these destinations, by name their type, besides
// those it serves already.
func (f *Found) Serve(ctx context.Context, types map[string]string) error {
	_, err := f.call(ctx, http.MethodPost, "/_weir/destinations", types)
	return err
}

// Fail tells the stand-in of a destination how to fail.
func (f *Found) Fail(ctx context.Context, destination string, list []Fault) error {
	_, err := f.call(ctx, http.MethodPost, "/_weir/faults?destination="+url.QueryEscape(destination), list)
	return err
}

// Reset makes the stand-in of a destination forget everything; "" means all.
func (f *Found) Reset(ctx context.Context, destination string) error {
	_, err := f.call(ctx, http.MethodPost, "/_weir/reset?destination="+url.QueryEscape(destination), nil)
	return err
}

// State is what the stand-in of a destination holds; "" means all.
func (f *Found) State(ctx context.Context, destination string) ([]State, error) {
	data, err := f.call(ctx, http.MethodGet, "/_weir/state?destination="+url.QueryEscape(destination), nil)
	if err != nil {
		return nil, err
	}
	var out []State
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("the sandbox at %s answered something else: %w", f.Address, err)
	}
	return out, nil
}

// hold keeps the sandbox up until release is called, although the command that
// started it may end before.
func (f *Found) hold(ctx context.Context) (release func(), err error) {
	held, leave := context.WithCancel(context.WithoutCancel(ctx))
	resp, err := f.send(held, http.MethodGet, "/_weir/hold", nil) //nolint:bodyclose // release closes it
	if err != nil {
		leave()
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		leave()
		_ = resp.Body.Close()
		return nil, fmt.Errorf("the sandbox at %s answered %d", f.Address, resp.StatusCode)
	}
	return func() { leave(); _ = resp.Body.Close() }, nil
}
