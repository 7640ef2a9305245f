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
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
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
	notes       destinations.Notes
}

// Notes implements destinations.Noter.
func (h *Webhook) Notes() []string { return h.notes.Notes() }

// Deliver implements destinations.Destination.
func (h *Webhook) Deliver(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	body := destinations.NewBody()
	defer body.Release()
	ids := appendIDs(make([]byte, 0, b.Len()*idLength), b)
	if h.body == nil {
		body.B = appendBody(body.B, b, ids)
	} else {
		if err := h.body.fits(b.Sync); err != nil {
			return nil, err
		}
		body.B = h.body.append(body.B, b)
	}
	req, err := destinations.NewRequest(ctx, h.method, h.url, body)
	if err != nil {
		return nil, err
	}
	for k, v := range h.header {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "weir")
	h.sign(req, ids, body.B)
	answer, err := destinations.Do(h.client, req)
	if err != nil {
		return nil, err
	}
	return h.read(b, ids, answer)
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
	dst = rows.AppendString(dst, []byte(b.Sync.Name))
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

// read turns the answer into outcomes. What it tells of single records counts;
// where it says nothing of them, its status is said of all.
func (h *Webhook) read(b *destinations.Batch, ids []byte, a *destinations.Answer) ([]destinations.Outcome, error) {
	err := a.Err()
	var refused *destinations.RefusedError
	if err != nil && !errors.As(err, &refused) {
		return nil, err
	}
	out := make([]destinations.Outcome, b.Len())
	told, valid := h.results.read(a.Body, ids, out)
	switch {
	case told == len(out), told > 0 && err == nil:
		accept(out) // those that are not among the results
		return out, nil
	case refused != nil && b.Len() == 1:
		return alone(b.Op(0), a.Code, refused)
	case refused != nil:
		return nil, refused
	case told == none && h.locate:
		why := "the answer has no list where `results` looks for it"
		if !valid {
			why = "the answer is not JSON"
		}
		return nil, &destinations.LostError{Code: "no_results", Err: fmt.Errorf("the destination answered %d, but %s", a.Code, why)}
	}
	if !valid && len(bytes.TrimSpace(a.Body)) > 0 {
		h.notes.Add(fmt.Sprintf("answered %d with text that is not JSON; its records are taken as accepted", a.Code))
	}
	accept(out)
	return out, nil
}

func accept(out []destinations.Outcome) {
	for i := range out {
		if out[i].Status == 0 {
			out[i].Status = destinations.Accepted
		}
	}
}

// alone reads a refusal of one record: not found and already there are answers too.
func alone(op destinations.Op, code int, refused *destinations.RefusedError) ([]destinations.Outcome, error) {
	o := destinations.Outcome{Code: refused.Code, Message: refused.Message}
	switch {
	case code == http.StatusNotFound && (op == destinations.OpUpdate || op == destinations.OpRemove),
		code == http.StatusGone && op == destinations.OpRemove:
		o.Status = destinations.Missing
	case code == http.StatusConflict && op == destinations.OpInsert:
		o.Status = destinations.Exists
	default:
		return nil, refused
	}
	return []destinations.Outcome{o}, nil
}
