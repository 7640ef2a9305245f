package destinations

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"
)

// ClientOptions are what one account's HTTP client depends on.
type ClientOptions struct {
	Limits Limits
	// Sandbox, when set, is where every request goes instead: scheme and host
	// are replaced, the path is kept, the destination is named in a header.
	Sandbox *url.URL
	Name    string
	// AllowPrivate lets requests reach private addresses; the sandbox always may.
	AllowPrivate bool
	// Retries is how often a request is repeated at most; 3.
	Retries int
}

// SandboxHeader names the destination to the sandbox.
const SandboxHeader = "X-Weir-Destination"

// longestWait is how long a request waits for a retry; beyond, its records are
// left for later.
const longestWait = 30 * time.Second

// Client is one account's way out: limits and retries are inside it.
type Client struct {
	http     *http.Client
	o        ClientOptions
	limits   []*rate.Limiter
	slots    chan struct{}
	alive    atomic.Pointer[func() error]
	requests atomic.Int64
	retries  atomic.Int64
	waited   atomic.Int64
}

// NewClient makes the client of one account.
func NewClient(o ClientOptions) *Client {
	if o.Retries == 0 {
		o.Retries = 3
	}
	c := &Client{o: o, slots: make(chan struct{}, max(1, o.Limits.Connections))}
	for _, r := range o.Limits.Rates {
		// A burst of one spreads requests evenly: never more than the rate in any window.
		c.limits = append(c.limits, rate.NewLimiter(rate.Limit(float64(r.Requests)/r.Per.Seconds()), 1))
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if o.Sandbox == nil && !o.AllowPrivate {
		dialer.Control = refusePrivate
	}
	base := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: max(1, o.Limits.Connections), IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true}
	if o.Sandbox == nil {
		base.Proxy = http.ProxyFromEnvironment
	}
	rc := retryablehttp.NewClient()
	rc.Logger, rc.RetryMax, rc.CheckRetry, rc.Backoff = nil, o.Retries, c.checkRetry, c.backoff
	rc.ErrorHandler = retryablehttp.PassthroughErrorHandler
	rc.HTTPClient = &http.Client{Transport: &attempts{c: c, base: base}, CheckRedirect: sameHost}
	c.http = &http.Client{Transport: &retryablehttp.RoundTripper{Client: rc}, CheckRedirect: sameHost}
	return c
}

// HTTP is the client adapters use.
func (c *Client) HTTP() *http.Client { return c.http }

// Guard sets what is asked before every attempt; an error starts no request.
func (c *Client) Guard(alive func() error) { c.alive.Store(&alive) }

// Requests and Retries count attempts so far; Waited is how long they waited
// for limits and repeats.
func (c *Client) Requests() int64       { return c.requests.Load() }
func (c *Client) Retries() int64        { return c.retries.Load() }
func (c *Client) Waited() time.Duration { return time.Duration(c.waited.Load()) }

func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) > 3 || req.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// refusePrivate keeps requests from reaching the inside of a network.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return err
	}
	ip = ip.Unmap()
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() {
		return &PrivateError{Address: ip.String()}
	}
	return nil
}

// PrivateError says that a request would have gone to a private address.
type PrivateError struct{ Address string }

func (e *PrivateError) Error() string {
	return fmt.Sprintf("%s is a private address (say `allow_private: true` of the destination if that is meant)", e.Address)
}

type repeatKey struct{}

// Repeatable marks the requests of a context: whether one whose answer was
// lost may be sent again.
func Repeatable(ctx context.Context, may bool) context.Context {
	return context.WithValue(ctx, repeatKey{}, may)
}

func repeatable(ctx context.Context) bool { may, _ := ctx.Value(repeatKey{}).(bool); return may }

// attempts is one attempt: it takes a token, asks for the lease, and goes.
type attempts struct {
	c    *Client
	base http.RoundTripper
}

// errSent marks an error of a request that had left.
type errSent struct{ error }

func (e errSent) Unwrap() error { return e.error }

// aliveError stops a request because the run may not send any more.
type aliveError struct{ error }

func (e aliveError) Unwrap() error { return e.error }

func (a *attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	c, ctx := a.c, req.Context()
	started := time.Now()
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release := func() { <-c.slots }
	for _, l := range c.limits {
		if err := l.Wait(ctx); err != nil {
			release()
			return nil, err
		}
	}
	c.waited.Add(int64(time.Since(started)))
	if alive := c.alive.Load(); alive != nil {
		if err := (*alive)(); err != nil {
			release()
			return nil, aliveError{err}
		}
	}
	return a.send(req, release)
}

func (a *attempts) send(req *http.Request, release func()) (*http.Response, error) {
	c := a.c
	ctx, cancel := context.WithCancel(req.Context())
	if t := c.o.Limits.Timeout; t > 0 {
		ctx, cancel = context.WithTimeout(req.Context(), t)
	}
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req = req.Clone(ctx)
	if s := c.o.Sandbox; s != nil {
		req.URL.Scheme, req.URL.Host, req.Host = s.Scheme, s.Host, s.Host
		req.Header.Set(SandboxHeader, c.o.Name)
	}
	c.requests.Add(1)
	res, err := a.base.RoundTrip(req)
	if err != nil {
		cancel()
		release()
		if sent.Load() {
			return nil, errSent{err}
		}
		return nil, err
	}
	res.Body = &body{ReadCloser: res.Body, done: func() { cancel(); release() }}
	return res, nil
}

// body ends the attempt when the answer is read.
type body struct {
	io.ReadCloser
	done func()
	once atomic.Bool
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	if b.once.CompareAndSwap(false, true) {
		b.done()
	}
	return err
}

// checkRetry repeats what may be repeated: a request that was not processed
// for certain, or one that does no harm twice.
func (c *Client) checkRetry(ctx context.Context, res *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	var stop aliveError
	var private *PrivateError
	if errors.As(err, &stop) || errors.As(err, &private) {
		return false, err
	}
	again := false
	switch {
	case err != nil:
		var sent errSent
		again = !errors.As(err, &sent) || repeatable(ctx)
	case res.StatusCode == http.StatusTooManyRequests:
		again = true
	case res.StatusCode == http.StatusRequestTimeout, res.StatusCode == http.StatusTooEarly, res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented:
		again = repeatable(ctx)
	}
	if again && res != nil {
		if after, ok := RetryAfter(res.Header, time.Now()); ok && after > longestWait {
			return false, nil
		}
	}
	return again, nil
}

// backoff is the destination's word, or twice as long each time with full jitter.
func (c *Client) backoff(_, _ time.Duration, attempt int, res *http.Response) time.Duration {
	c.retries.Add(1)
	wait := time.Duration(rand.Int64N(int64(500*time.Millisecond)<<min(attempt, 5))) + 50*time.Millisecond
	if res != nil {
		if after, ok := RetryAfter(res.Header, time.Now()); ok {
			wait = after
		}
	}
	c.waited.Add(int64(wait))
	return wait
}

// RetryAfter reads the header in both its forms: seconds, and a date.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if secs, err := strconv.ParseFloat(v, 64); err == nil && secs >= 0 && secs < 1e9 {
		return time.Duration(secs * float64(time.Second)), true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
