package destinations

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
)

// Body is a request's body in a reused buffer. Append to B, then send it with
// Do; Release it when its answer is there. The bytes are given back only when
// every attempt that reads them has let go.
type Body struct {
	B    []byte
	held atomic.Int32
}

var bodies = sync.Pool{New: func() any { return &Body{B: make([]byte, 0, 64<<10)} }}

// maxKept is the largest buffer that is kept for another body.
const maxKept = 8 << 20

// NewBody is an empty body.
func NewBody() *Body {
	b := bodies.Get().(*Body)
	b.B = b.B[:0]
	b.held.Store(1)
	return b
}

// Release ends the caller's use of the body.
func (b *Body) Release() {
	if b.held.Add(-1) == 0 && cap(b.B) <= maxKept {
		bodies.Put(b)
	}
}

func (b *Body) reader() io.ReadCloser {
	b.held.Add(1)
	r := &bodyReader{body: b}
	r.Reset(b.B)
	return r
}

// bodyReader reads a body once; net/http closes it when it is done with it,
// which may be after the answer.
type bodyReader struct {
	bytes.Reader
	body   *Body
	closed atomic.Bool
}

// Close lets go of the body.
func (r *bodyReader) Close() error {
	if r.closed.CompareAndSwap(false, true) {
		r.body.Release()
	}
	return nil
}

// NewRequest is a request with this body; nil for none.
func NewRequest(ctx context.Context, method, address string, body *Body) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return nil, errors.New("the address of the request is not a URL (check `url`)")
	}
	if body != nil && len(body.B) > 0 {
		req.ContentLength = int64(len(body.B))
		req.GetBody = func() (io.ReadCloser, error) { return body.reader(), nil }
		req.Body = body.reader()
	}
	return req, nil
}

// Answer is what a destination answered, read whole.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte

	host       string
	method     string
	repeatable bool
	lost       bool // an earlier attempt was sent whose answer did not come
}

// Do sends a request and reads its answer. An error means that there is none:
// a DownError where nothing was sent, a LostError where the request may have
// arrived, the context's error or the lease's where it was not sent at all.
func Do(client *http.Client, req *http.Request) (*Answer, error) {
	t := &trail{}
	req = req.WithContext(context.WithValue(req.Context(), trailKey{}, t))
	resp, err := client.Do(req)
	if err != nil {
		var addressed *url.Error
		if errors.As(err, &addressed) {
			err = addressed.Err
		}
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, &LostError{Code: "no_answer", Err: errors.New(req.URL.Host + " broke off its answer")}
	}
	return &Answer{Code: resp.StatusCode, Header: resp.Header, Body: data, host: req.URL.Host, method: req.Method,
		repeatable: repeatable(req.Context()), lost: t.lost}, nil
}

// OK tells whether the status is a 2xx.
func (a *Answer) OK() bool { return a.Code >= 200 && a.Code < 300 }
