package destinations

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tidwall/gjson"
)

// Class is what an HTTP status says of a request as a whole.
type Class uint8

// The classes.
const (
	ClassOK      Class = iota + 1
	ClassRefused       // something in it is wrong: RefusedError
	ClassAuth          // we are not known, or all of it is forbidden: AuthError
	ClassDown          // not now, and nothing was taken: DownError
	ClassLost          // it may have been taken: LostError
)

// String is the class in words.
func (c Class) String() string {
	return [...]string{"none", "ok", "refused", "auth", "down", "lost"}[c]
}

// ClassOf sorts a status code. A gateway's 502 and 504 say nothing of what
// became of a request that may not be repeated; every other 5xx is the
// destination's own word that it did not do it. A redirect that was not
// followed is Down: the address in the settings is not where the tool is.
func ClassOf(code int, repeatable bool) Class {
	switch {
	case code >= 200 && code < 300:
		return ClassOK
	case code == http.StatusUnauthorized, code == http.StatusPaymentRequired, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return ClassAuth
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return ClassDown
	case code >= 400 && code < 500:
		return ClassRefused
	case !repeatable && (code == http.StatusBadGateway || code == http.StatusGatewayTimeout):
		return ClassLost
	default:
		return ClassDown
	}
}

// Err is the status as the error that Deliver returns: nil for a 2xx, else an
// AuthError, RefusedError, DownError or LostError that names the code and what
// the destination said, redacted.
func (a *Answer) Err() error {
	class := ClassOf(a.Code, a.repeatable)
	if class == ClassOK {
		return nil
	}
	code := "http_" + strconv.Itoa(a.Code)
	text := a.text()
	if class == ClassDown && a.lost {
		class = ClassLost // an earlier attempt may have been taken
	}
	switch class {
	case ClassAuth:
		return &AuthError{Err: errors.New(text)}
	case ClassRefused:
		return &RefusedError{Code: code, Message: Redact(text)}
	case ClassLost:
		return &LostError{Code: code, Err: errors.New(text)}
	default:
		return &DownError{Code: code, After: RetryAfter(a.Header, time.Now()), Err: errors.New(text)}
	}
}

// text is one sentence: who answered what, and why if it said so.
func (a *Answer) text() string {
	name := http.StatusText(a.Code)
	if name != "" {
		name = " " + name
	}
	text := fmt.Sprintf("%s answered %d%s", a.host, a.Code, name)
	if a.Code >= 300 && a.Code < 400 {
		text += ", a redirect that is not followed (check the address)"
	}
	if why := a.Why(); why != "" {
		text += ": " + why
	}
	return text
}

// whyPaths are where tools put the reason in an answer, the most exact first.
var whyPaths = []string{"error.message", "message", "errors.0.message", "errors.0.detail", "error_description", "detail", "title", "error", "errors.0", "reason"}

// Why is the destination's own reason, found where tools usually put it,
// redacted; "" where there is none that a person could read.
func (a *Answer) Why() string {
	if gjson.ValidBytes(a.Body) {
		doc := gjson.ParseBytes(a.Body)
		if doc.Type == gjson.String {
			return Redact(doc.Str)
		}
		for _, p := range whyPaths {
			if r := doc.Get(p); r.Type == gjson.String && r.Str != "" {
				return Redact(r.Str)
			}
		}
		return ""
	}
	if len(a.Body) > 0 && len(a.Body) <= 2000 && a.Body[0] != '<' && printable(a.Body) {
		return Redact(string(a.Body))
	}
	return ""
}
