package destinationstest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
)

// Wire is a transport that hands requests to a handler, without a network: the
// whole of it runs on the virtual time of testing/synctest. A handler that
// aborts has closed the connection.
func Wire(h http.Handler) http.RoundTripper { return wire{h} }

type wire struct{ h http.Handler }

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, leave := context.WithCancel(req.Context())
	in := req.Clone(ctx)
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	answered := make(chan *http.Response, 1)
	go func() {
		defer leave()
		defer func() { _ = in.Body.Close() }()
		answered <- w.serve(in) //nolint:bodyclose // the client closes it
	}()
	select {
	case resp := <-answered:
		if resp == nil {
			return nil, io.EOF
		}
		resp.Request = req
		return resp, nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// serve is the handler's answer; nil where it closed the connection.
func (w wire) serve(in *http.Request) (resp *http.Response) {
	rec := httptest.NewRecorder()
	rec.Body = new(bytes.Buffer)
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler { //nolint:errorlint // a value that was thrown, not an error that was returned
				panic(p)
			}
			resp = nil
		}
	}()
	w.h.ServeHTTP(rec, in)
	return rec.Result()
}
