package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/weir-data/weir/destinations"
)

// Webhook sends records to one endpoint.
type Webhook struct {
	client      *http.Client
	url, method string
	header      http.Header
	key         []byte // requests are signed with it; nil = not
	idempotent  bool
	body        *template // nil = the usual body
	results     locator
	locate      bool // the answer must tell of single records
}

// buffers are bodies in use, kept between requests.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 256<<10); return &b }}

// Deliver implements destinations.Destination.
func (h *Webhook) Deliver(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	ids := appendIDs(nil, b)
	body := (*buf)[:0]
	if h.body != nil {
		body = h.body.append(body, b)
	} else {
		body = appendBody(body, b, ids)
	}
	*buf = body
	req, err := http.NewRequestWithContext(ctx, h.method, h.url, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request could not be made: url or method are not valid")
	}
	for k, v := range h.header {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	h.sign(req, ids, body)
	answer, err := destinations.Do(h.client, req)
	if err != nil {
		return nil, err
	}
	return h.read(b, ids, answer.Code, answer.Body, answer.Err())
}

// idLength is how long a record's id is.
const idLength = 32

func appendIDs(dst []byte, b *destinations.Batch) []byte {
	for i := range b.Len() {
		dst = b.AppendID(dst, i)
	}
	return dst
}

func idAt(ids []byte, i int) []byte { return ids[i*idLength : (i+1)*idLength] }

// appendBody writes the usual body: bytes, one loop, nothing allocated.
func appendBody(dst []byte, b *destinations.Batch, ids []byte) []byte {
	dst = append(dst, `{"sync":`...)
	dst = strconv.AppendQuote(dst, b.Sync.Name)
	dst = append(dst, `,"records":[`...)
	for i := range b.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, `{"id":"`...), idAt(ids, i)...), `","op":"`...)
		dst = append(append(dst, b.Op(i)...), `","key":`...)
		dst = b.AppendKey(dst, i)
		dst = append(append(dst, `,"match":`...), b.Match(i)...)
		if old := b.OldMatch(i); old != nil {
			dst = append(append(dst, `,"old_match":`...), old...)
		}
		dst = append(append(append(dst, `,"fields":`...), b.Fields(i)...), '}')
	}
	return append(dst, "]}"...)
}

// sign sets the headers of Standard Webhooks: an id that a repeat carries
// too, the time, and a signature over both and the body.
func (h *Webhook) sign(req *http.Request, ids, body []byte) {
	sum := sha256.Sum256(ids)
	id := hex.EncodeToString(sum[:16])
	if h.idempotent {
		req.Header.Set("Webhook-Id", id)
		req.Header.Set("Idempotency-Key", id)
	}
	if h.key == nil {
		return
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, h.key)
	fmt.Fprintf(mac, "%s.%s.", id, at)
	mac.Write(body)
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", at)
	req.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// read turns the answer into outcomes.
func (h *Webhook) read(b *destinations.Batch, ids []byte, status int, answer []byte, err error) ([]destinations.Outcome, error) {
	var refused *destinations.RefusedError
	if err != nil && !errors.As(err, &refused) {
		return nil, err
	}
	out := make([]destinations.Outcome, b.Len())
	told, valid := h.results.read(answer, b, ids, out)
	if told {
		return out, nil
	}
	if refused != nil {
		if b.Len() == 1 {
			switch {
			case status == http.StatusNotFound && b.Op(0) == destinations.OpUpdate, status == http.StatusNotFound && b.Op(0) == destinations.OpRemove:
				return []destinations.Outcome{{Status: destinations.Missing, Code: refused.Code, Message: refused.Message}}, nil
			case status == http.StatusConflict && b.Op(0) == destinations.OpInsert:
				return []destinations.Outcome{{Status: destinations.Exists, Code: refused.Code, Message: refused.Message}}, nil
			}
		}
		return nil, refused
	}
	if h.locate {
		why := "the answer has no results where `results:` looks for them"
		if !valid {
			why = "the answer is not JSON"
		}
		return nil, &destinations.LostError{Code: "no_results", Err: fmt.Errorf("HTTP %d: %s", status, why)}
	}
	for i := range out {
		out[i].Status = destinations.Accepted
	}
	return out, nil
}
