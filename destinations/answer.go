package destinations

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 16 << 20

// Do sends a request and reads its answer whole, with errors sorted: AuthError,
// RefusedError, DownError or LostError. The body is given for 2xx, and for 4xx
// beside a RefusedError.
func Do(client *http.Client, req *http.Request) (int, []byte, error) {
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, transportError(req.Context(), err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return res.StatusCode, nil, &LostError{Code: "lost_answer", Err: fmt.Errorf("the answer broke off after HTTP %d", res.StatusCode)}
	}
	return res.StatusCode, text, StatusError(res.StatusCode, res.Header, text)
}

// StatusError sorts an HTTP status: nil for 2xx. It is the one table for all adapters.
func StatusError(status int, h http.Header, answer []byte) error {
	code := fmt.Sprintf("http_%d", status)
	text := fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
	if said := Redact(string(answer[:min(len(answer), 4*maxMessage)])); said != "" {
		text += ": " + said
	}
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired:
		return &AuthError{Err: fmt.Errorf("%s (check the destination's credentials)", text)}
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status == http.StatusTooEarly || status >= 500:
		after, _ := RetryAfter(h, time.Now())
		return &DownError{Code: code, After: after, Err: errors.New(text)}
	default: // 4xx, and redirects nobody follows
		return &RefusedError{Code: code, Message: text}
	}
}

// transportError sorts an error without an answer: not connected, or sent and
// nothing came back. The URL is left out: it may hold secrets.
func transportError(ctx context.Context, err error) error {
	var stop aliveError
	if errors.As(err, &stop) {
		return stop.error
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var private *PrivateError
	if errors.As(err, &private) {
		return &RefusedError{Code: "private_address", Message: private.Error()}
	}
	var sent errSent
	why := plain(err)
	if errors.As(err, &sent) {
		return &LostError{Code: "lost_answer", Err: fmt.Errorf("sent, and no answer came: %s", why)}
	}
	return &DownError{Code: "no_connection", Err: fmt.Errorf("no connection: %s", why)}
}

// plain is an error's innermost reason.
func plain(err error) string {
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "time-out"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "EOF") {
		return "the connection was closed"
	}
	var oe *net.OpError
	if errors.As(err, &oe) {
		return oe.Err.Error()
	}
	return err.Error()
}

var (
	mails  = regexp.MustCompile(`[^\s"'<>:,;(){}\[\]]+@[^\s"'<>:,;(){}\[\]]+`)
	digits = regexp.MustCompile(`\+?\d[\d ()./-]{6,}\d`)
	tokens = regexp.MustCompile(`[A-Za-z0-9_\-+/=]{32,}`)
)

// maxMessage is how much of a destination's words is kept, in bytes.
const maxMessage = 300

// Redact makes a destination's words fit to be kept: one line, at most 300
// bytes, without addresses, long numbers or tokens.
func Redact(said string) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(said[:min(len(said), 4*maxMessage)], "")), " ")
	s = tokens.ReplaceAllString(s, "***")
	s = mails.ReplaceAllString(s, "***@***")
	s = digits.ReplaceAllString(s, "***")
	if strings.HasPrefix(s, "<") {
		return "" // a page of HTML says nothing
	}
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage-3], "") + "…"
	}
	return s
}
