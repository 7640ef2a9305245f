package destinations

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
)

// Exchange is one attempt as it went over the wire: what was sent and what was
// answered. Address, headers and bodies may hold secrets and personal data:
// whoever shows it must hide them.
type Exchange struct {
	Method string
	URL    *url.URL
	Header http.Header
	Body   []byte

	Code         int // 0 where no answer came
	AnswerHeader http.Header
	Answer       []byte
	Err          error // why none came
}

// Tap sets what sees every attempt after it ended; nil for nobody. It is for
// somebody who asked to see one row go, and costs a copy of each body.
func (c *Client) Tap(see func(Exchange)) { c.tap.Store(&see) }

// tapped makes an attempt's body readable twice; nil where nobody looks.
func (c *Client) tapped(req *http.Request) *Exchange {
	if see := c.tap.Load(); see == nil || *see == nil {
		return nil
	}
	x := &Exchange{Method: req.Method, URL: req.URL, Header: req.Header}
	if req.Body != nil && req.Body != http.NoBody {
		x.Body, x.Err = io.ReadAll(req.Body)
		_ = req.Body.Close()
		req.Body = io.NopCloser(bytes.NewReader(x.Body))
	}
	return x
}

// seen tells who looks how an attempt ended.
func (c *Client) seen(x *Exchange, resp *http.Response, answer []byte, err error) {
	if x == nil {
		return
	}
	if x.Err = err; resp != nil {
		x.Code, x.AnswerHeader, x.Answer = resp.StatusCode, resp.Header, answer
	}
	(*c.tap.Load())(*x)
}

// Tap sets what sees every attempt; without effect for an adapter without HTTP.
func (s *Sender) Tap(see func(Exchange)) {
	if s.client != nil {
		s.client.Tap(see)
	}
}
