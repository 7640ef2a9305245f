package destinations

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"
)

// SandboxHeader names the destination to the sandbox that hosts it.
const SandboxHeader = "X-Weir-Destination"

// maxAnswer is the most that is read of one answer.
const maxAnswer = 64 << 20

type (
	repeatableKey struct{}
	trailKey      struct{}
)

// trail is what happened to one request over its attempts.
type trail struct {
	attempts int
	lost     bool // an attempt was sent whose answer did not come
}

// Repeatable marks the requests made with a context: whether one whose answer
// was lost may be sent again without harm. Without the mark it may not.
func Repeatable(ctx context.Context, yes bool) context.Context {
	return context.WithValue(ctx, repeatableKey{}, yes)
}

func repeatable(ctx context.Context) bool {
	yes, _ := ctx.Value(repeatableKey{}).(bool)
	return yes
}

// mayGo asks the lease of the run.
func (c *Client) mayGo() error {
	if alive := c.alive.Load(); alive != nil && *alive != nil {
		return (*alive)()
	}
	return nil
}

// haltError is a reason not to send at all: the run's lease, a forbidden address.
type haltError struct{ err error }

func (e *haltError) Error() string { return e.err.Error() }
func (e *haltError) Unwrap() error { return e.err }

// attempts sends single attempts: each asks whether the run still lives, waits
// for its turn and has its own time-out; its answer is read whole.
type attempts struct{ c *Client }

func (a attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	t, _ := ctx.Value(trailKey{}).(*trail)
	c := a.c
	l := c.limiter
	waited, release, err := l.take(ctx, c.o.OnWait)
	c.waited.Add(int64(waited))
	if err != nil {
		closeBody(req)
		return nil, err
	}
	defer release()
	if err := c.mayGo(); err != nil {
		closeBody(req)
		return nil, &haltError{err}
	}
	c.requests.Add(1)
	if t.attempts++; t.attempts > 1 {
		c.retries.Add(1)
	}
	resp, err := a.send(req)
	var lost *LostError
	if errors.As(err, &lost) {
		t.lost = true
	}
	if err == nil {
		if wait := a.asked(resp); wait > 0 {
			l.pauseFor(wait)
		}
	}
	return resp, err
}

// asked is how long the destination asks to be left alone. What it says in a
// way of its own is put in Retry-After, where retries look for it.
func (a attempts) asked(resp *http.Response) time.Duration {
	busy := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable
	if wait := RetryAfter(resp.Header, time.Now()); busy && wait > 0 {
		return wait
	}
	read := a.c.o.Limits.Wait
	if read == nil {
		return 0
	}
	var body []byte
	if resp.StatusCode >= http.StatusBadRequest {
		body, _ = io.ReadAll(resp.Body) // it is in memory
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	wait := read(resp.StatusCode, resp.Header, body)
	if busy && wait > 0 {
		resp.Header.Set("Retry-After", strconv.FormatFloat(wait.Seconds(), 'f', -1, 64))
	}
	return wait
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// send makes one attempt and tells "could not connect" from "sent, no answer".
func (a attempts) send(req *http.Request) (*http.Response, error) {
	limit := a.c.o.Limits.Timeout
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	defer cancel()
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { wrote.Store(true) }})
	out := req.WithContext(ctx)
	out.GetBody = nil // or net/http would repeat it on its own, past limits and policy
	if a.c.o.Sandbox != nil {
		out = a.rewire(out)
	}
	x := a.c.tapped(out)
	resp, err := a.c.base.RoundTrip(out)
	if err != nil {
		err = a.unanswered(req, wrote.Load(), err)
		a.c.seen(x, nil, nil, err)
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := readAnswer(resp)
	if err != nil && resp.StatusCode < 300 {
		err = lostError(req.URL.Host, limit, err)
		a.c.seen(x, resp, data, err)
		return nil, err
	}
	a.c.seen(x, resp, data, nil)
	resp.Body = io.NopCloser(bytes.NewReader(data))
	return resp, nil
}

// unanswered says whether an attempt without an answer was sent at all.
func (a attempts) unanswered(req *http.Request, wrote bool, err error) error {
	var down *DownError
	switch {
	case errors.As(err, &down):
		return err
	case !wrote && a.c.o.Base == nil && req.Context().Err() != nil:
		return req.Context().Err()
	case !wrote && a.c.o.Base == nil:
		return connectError(req.URL.Host, err)
	}
	return lostError(req.URL.Host, a.c.o.Limits.Timeout, err)
}

// rewire turns a request to the sandbox: the path stays, what may be secret goes.
func (a attempts) rewire(req *http.Request) *http.Request {
	out := req.Clone(req.Context())
	to := *a.c.o.Sandbox
	to.Path, to.RawPath = req.URL.Path, req.URL.RawPath
	if to.Path == "" {
		to.Path = "/"
	}
	out.URL, out.Host = &to, ""
	out.Header.Del("Authorization")
	out.Header.Del("Cookie")
	out.Header.Del("Proxy-Authorization")
	out.Header.Set(SandboxHeader, a.c.o.Name)
	return out
}

func readAnswer(resp *http.Response) ([]byte, error) {
	if resp.ContentLength > maxAnswer {
		return nil, fmt.Errorf("an answer of %d bytes is too long", resp.ContentLength)
	}
	var buf bytes.Buffer
	if resp.ContentLength > 0 {
		buf.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && n > maxAnswer {
		err = errors.New("its answer is too long")
	}
	return buf.Bytes(), err
}

func lostError(host string, limit time.Duration, err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &LostError{Code: "timeout", Err: fmt.Errorf("%s did not answer within %s", host, limit)}
	case errors.Is(err, context.Canceled):
		return &LostError{Code: "stopped", Err: fmt.Errorf("stopped while %s was still answering: %w", host, context.Canceled)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &LostError{Code: "no_answer", Err: fmt.Errorf("%s closed the connection before its answer was complete", host)}
	default:
		return &LostError{Code: "no_answer", Err: fmt.Errorf("the answer of %s was lost: %s", host, Redact(innermost(err)))}
	}
}

// innermost is the text of the deepest error: the layers above it name addresses.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

func isTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &unknown)
}

func tlsText(err error) string {
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		return verify.Err.Error()
	}
	return innermost(err)
}
