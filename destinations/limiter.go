package destinations

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// longestWait is how long a request may wait for its turn or for another try;
// what would take longer is left for a later run.
const longestWait = 30 * time.Second

// limiter paces every attempt of one account: some connections, several rates
// at once, and the pauses that the destination itself asked for.
type limiter struct {
	slots chan struct{}
	rates []*rate.Limiter

	mu    sync.Mutex
	until time.Time // no attempt before
}

func newLimiter(l Limits) *limiter {
	out := &limiter{slots: make(chan struct{}, max(1, l.Connections))}
	for _, r := range l.Rates {
		if r.Requests > 0 && r.Per > 0 {
			out.rates = append(out.rates, newRate(r))
		}
	}
	return out
}

// newRate allows a burst of a fiftieth, and so much less afterwards that no
// window of r.Per ever sees more than r.Requests begin.
func newRate(r Rate) *rate.Limiter {
	burst := max(1, r.Requests/50)
	perSecond := float64(r.Requests-burst+1) / r.Per.Seconds()
	return rate.NewLimiter(rate.Limit(perSecond), burst)
}

// take waits for a connection, the account's pause and a token of every rate.
// It reports how long it waited for pause and rates; release gives back the
// connection. A wait over longestWait is refused as a DownError instead.
func (l *limiter) take(ctx context.Context, told func(time.Duration, string)) (waited time.Duration, release func(), err error) {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
	release = func() { <-l.slots }
	waited, err = l.turn(ctx, told)
	if err != nil {
		release()
		return waited, nil, err
	}
	return waited, release, nil
}

func (l *limiter) turn(ctx context.Context, told func(time.Duration, string)) (time.Duration, error) {
	var waited time.Duration
	for wait := l.paused(); wait > 0; wait = l.paused() {
		if wait > longestWait {
			return waited, &DownError{Code: "paused", After: wait, Err: fmt.Errorf("the destination asked to be left alone for another %s", roundWait(wait))}
		}
		if err := pause(ctx, wait, "the destination asked for a pause", told); err != nil {
			return waited, err
		}
		waited += wait
	}
	held := make([]*rate.Reservation, 0, len(l.rates))
	var wait time.Duration
	for _, r := range l.rates {
		res := r.Reserve()
		held = append(held, res)
		wait = max(wait, res.Delay())
	}
	if wait > longestWait {
		giveBack(held)
		return waited, &DownError{Code: "rate_limit", After: wait, Err: fmt.Errorf("the next request would have to wait %s to keep within `rate`", roundWait(wait))}
	}
	if err := pause(ctx, wait, "keeping within the rate", told); err != nil {
		giveBack(held)
		return waited, err
	}
	return waited + wait, nil
}

func giveBack(held []*rate.Reservation) {
	for i := len(held) - 1; i >= 0; i-- {
		held[i].Cancel()
	}
}

// pauseFor holds every attempt of the account back for a time.
func (l *limiter) pauseFor(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := time.Now().Add(d); t.After(l.until) {
		l.until = t
	}
}

func (l *limiter) paused() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return 0
	}
	return time.Until(l.until)
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration, why string, told func(time.Duration, string)) error {
	if d <= 0 {
		return ctx.Err()
	}
	if told != nil {
		told(d, why)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// RetryAfter reads the Retry-After header in both its forms, seconds and an
// HTTP date; 0 when it is absent, past or not understood.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		const most = 30 * 24 * 3600
		if !(n > 0) {
			return 0
		}
		return time.Duration(min(n, most) * float64(time.Second))
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

func roundWait(d time.Duration) time.Duration { return d.Round(time.Second) }
