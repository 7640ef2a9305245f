package hubspot

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// What HubSpot's limits mean for the next request. The day's ends at midnight
// of the account: from time to time it is asked again.
const (
	waitSecond = time.Second
	waitWindow = 10 * time.Second
	waitDay    = time.Hour
)

// waitOf reads how long the account is to be left alone: from the policy that a
// 429 names, or from headers that say nothing is left.
func waitOf(code int, h http.Header, body []byte) time.Duration {
	if code == http.StatusTooManyRequests {
		doc := gjson.ParseBytes(body)
		policy := strings.ToUpper(doc.Get("policyName").String() + " " + doc.Get("message").String())
		switch {
		case strings.Contains(policy, "DAILY"):
			return waitDay
		case strings.Contains(policy, "TEN_SECONDLY"):
			return waitWindow
		case strings.Contains(policy, "SECONDLY"):
			return waitSecond
		}
	}
	if none(h, "X-HubSpot-RateLimit-Daily-Remaining") {
		return waitDay
	}
	if none(h, "X-HubSpot-RateLimit-Remaining") {
		return windowOf(h) / 10 // the window rolls: some of it is free again soon
	}
	if none(h, "X-HubSpot-RateLimit-Secondly-Remaining") {
		return waitSecond
	}
	return 0
}

// none tells whether a header counts nothing left.
func none(h http.Header, name string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get(name)))
	return err == nil && n <= 0
}

// windowOf is the time that a limit is counted over.
func windowOf(h http.Header) time.Duration {
	if ms, err := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Interval-Milliseconds")); err == nil && ms > 0 && ms <= 60_000 {
		return time.Duration(ms) * time.Millisecond
	}
	return waitWindow
}
