package destinations

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRatesHoldInEveryWindow(t *testing.T) {
	for _, r := range []Rate{{1, time.Second}, {7, time.Second}, {100, time.Second}, {600, time.Minute}, {1000, time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter(Limits{Connections: 4, Rates: []Rate{r}})
			var at []time.Time
			begun := time.Now()
			for range 3 * r.Requests {
				_, release, err := l.take(context.Background(), nil)
				if err != nil {
					t.Fatal(err)
				}
				at = append(at, time.Now())
				release()
			}
			for i := r.Requests; i < len(at); i++ {
				if gap := at[i].Sub(at[i-r.Requests]); gap < r.Per-time.Microsecond {
					t.Fatalf("%d requests within %s, allowed in %s", r.Requests+1, gap, r.Per)
				}
			}
			if took := time.Since(begun); took > 3*r.Per*105/100 {
				t.Errorf("%v: %d requests took %s", r, 3*r.Requests, took)
			}
		})
	}
}

func TestSlowRateIsLeftForLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(Limits{Connections: 1, Rates: []Rate{{1, time.Hour}}})
		_, release, err := l.take(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		release()
		_, _, err = l.take(context.Background(), nil)
		var down *DownError
		if !errors.As(err, &down) || down.After < 59*time.Minute {
			t.Errorf("the second in an hour: %v", err)
		}
		time.Sleep(time.Hour)
		if _, _, err := l.take(context.Background(), nil); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

func TestPauseHoldsEveryConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(Limits{Connections: 2})
		l.pauseFor(5 * time.Second)
		begun := time.Now()
		waited, release, err := l.take(context.Background(), nil)
		if err != nil || waited != 5*time.Second || time.Since(begun) != waited {
			t.Fatalf("waited %s: %v", waited, err)
		}
		release()
		l.pauseFor(time.Minute)
		var down *DownError
		if _, _, err := l.take(context.Background(), nil); !errors.As(err, &down) || down.After != time.Minute {
			t.Errorf("a minute's pause: %v", err)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "2": 2 * time.Second, " 1.5 ": 1500 * time.Millisecond, "-3": 0, "soon": 0, "NaN": 0,
		"Tue, 24 Nov 2026 12:01:00 GMT": time.Minute, "Tue, 24 Nov 2026 11:01:00 GMT": 0, "1e300": 30 * 24 * time.Hour,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
}
