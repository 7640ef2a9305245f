package destinations

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// ClientOptions say how requests of one destination account are sent.
type ClientOptions struct {
	Name   string // the destination's name in the project
	Limits Limits
	// AllowPrivate lets connections go to loopback, private and link-local
	// addresses, as Limits.AllowPrivate does.
	AllowPrivate bool
	// Sandbox is where requests go instead when the target is not live: scheme
	// and host are replaced, the query and credentials are left behind.
	Sandbox *url.URL
	// Base sends the requests; nil for the network. For tests.
	Base http.RoundTripper
	// Alive is asked before every attempt, retries too: an error stops it unsent.
	Alive func() error
	// OnWait is told of waits for pace, pauses and retries, before they begin.
	OnWait func(wait time.Duration, why string)
}

// Client sends the requests of one destination account, for all its syncs: it
// paces every attempt, retries what may be repeated and counts. It is made
// once; what HTTP gives is for adapters.
type Client struct {
	http    *http.Client
	o       ClientOptions
	base    http.RoundTripper
	limiter *limiter
	alive   atomic.Pointer[func() error]
	tap     atomic.Pointer[func(Exchange)]
	retry   *retryablehttp.Client

	requests, retries, waited atomic.Int64
	exhausted                 atomic.Int32 // requests in a row that failed after all retries
}

// The policy of retries.
const (
	retryMax     = 3
	retryBase    = 500 * time.Millisecond
	giveUpAfter  = 3 // so many requests lost all their retries: then none is retried until one comes through
	defaultLimit = 30 * time.Second
)

// NewClient makes the client of one destination account.
func NewClient(o ClientOptions) *Client {
	if o.Limits.Timeout <= 0 {
		o.Limits.Timeout = defaultLimit
	}
	c := &Client{o: o, base: o.Base, limiter: newLimiter(o.Limits)}
	if c.base == nil {
		c.base = newTransport(&gate{allow: o.AllowPrivate || o.Limits.AllowPrivate || o.Sandbox != nil, direct: o.Sandbox != nil})
	}
	c.Guard(o.Alive)
	c.retry = retryablehttp.NewClient()
	c.retry.Logger = nil
	c.retry.RetryMax = retryMax
	c.retry.CheckRetry = c.again
	c.retry.Backoff = c.backoff
	c.retry.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.retry.HTTPClient = &http.Client{Transport: attempts{c}, CheckRedirect: stay}
	c.http = &http.Client{Transport: c, CheckRedirect: sameHost}
	return c
}

// HTTP is the client that adapters send with.
func (c *Client) HTTP() *http.Client { return c.http }

// Guard sets what is asked before every attempt; nil for nothing.
func (c *Client) Guard(alive func() error) { c.alive.Store(&alive) }

// Requests is how many attempts were sent so far, retries among them.
func (c *Client) Requests() int64 { return c.requests.Load() }

// Retries is how many of the attempts were repeats.
func (c *Client) Retries() int64 { return c.retries.Load() }

// Waited is how long attempts waited for pace, pauses and retries, together.
func (c *Client) Waited() time.Duration { return time.Duration(c.waited.Load()) }

// Close drops the idle connections.
func (c *Client) Close() {
	if t, ok := c.base.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// stay leaves redirects to the outer client, whose request has the whole policy.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// sameHost follows a redirect only where the same request goes to the same
// host: never a POST that would become a GET, never somebody else's server.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 3 || req.Method != first.Method || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// RoundTrip sends one request with its retries. It makes Client the transport
// of HTTP.
func (c *Client) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	t, ok := ctx.Value(trailKey{}).(*trail)
	if !ok {
		t = &trail{}
		ctx = context.WithValue(ctx, trailKey{}, t)
	}
	rr := &retryablehttp.Request{Request: req.WithContext(ctx)}
	if req.Body != nil && req.Body != http.NoBody {
		if err := rewindable(rr, req); err != nil {
			return nil, err
		}
	}
	resp, err := c.retry.Do(rr)
	var addressed *url.Error
	if errors.As(err, &addressed) {
		err = addressed.Err
	}
	if err != nil && t.lost {
		// An earlier attempt may have arrived, whatever became of this one.
		var lost *LostError
		if !errors.As(err, &lost) {
			err = &LostError{Code: "no_answer", Err: err}
		}
	}
	return resp, err
}

// rewindable makes every attempt read the body from its start.
func rewindable(rr *retryablehttp.Request, req *http.Request) error {
	if req.GetBody == nil {
		data, err := io.ReadAll(req.Body)
		if err != nil {
			return err
		}
		return rr.SetBody(data)
	}
	_ = req.Body.Close()
	length := req.ContentLength
	err := rr.SetBody(func() (io.Reader, error) { return req.GetBody() })
	rr.ContentLength = length
	return err
}

// again decides about one more attempt. What may not be repeated is tried again
// only when it is certain that nothing was processed: no connection, or 429.
func (c *Client) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	yes := c.worthwhile(ctx, resp, err)
	if err == nil && resp.StatusCode < http.StatusInternalServerError && resp.StatusCode != http.StatusTooManyRequests {
		c.exhausted.Store(0)
	}
	if !yes {
		return false, nil
	}
	t, _ := ctx.Value(trailKey{}).(*trail)
	if t.attempts > retryMax {
		c.exhausted.Add(1)
	}
	return c.exhausted.Load() < giveUpAfter, nil
}

func (c *Client) worthwhile(ctx context.Context, resp *http.Response, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	repeat := repeatable(ctx)
	if err != nil {
		var down *DownError
		var lost *LostError
		switch {
		case errors.As(err, &down):
			return down.After == 0 && down.Code != "tls"
		case errors.As(err, &lost):
			return repeat
		default:
			return false
		}
	}
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		return RetryAfter(resp.Header, time.Now()) <= longestWait
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly,
		code >= 500 && code != http.StatusNotImplemented && code != http.StatusHTTPVersionNotSupported:
		return repeat && RetryAfter(resp.Header, time.Now()) <= longestWait
	}
	return false
}

// backoff is what the destination asked for, else a random part of a time that
// doubles with each attempt.
func (c *Client) backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := rand.N(retryBase << min(attempt, 5)) //nolint:gosec // jitter, not a secret
	why := "before another attempt"
	if resp != nil {
		if asked := RetryAfter(resp.Header, time.Now()); asked > 0 {
			wait, why = asked, "the destination asked for a pause"
		}
	}
	c.waited.Add(int64(wait))
	if c.o.OnWait != nil {
		c.o.OnWait(wait, why)
	}
	return wait
}
