package models

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/weir-data/weir/config"
)

func (ps *parser) schedule(subject string, s *config.Section, y *Sync) {
	c := s.Section("schedule")
	if c == nil {
		return
	}
	y.Schedule = &Schedule{Cron: c.Text("cron"), Every: c.Dur("every"), After: c.Texts("after"), Timezone: c.Text("timezone"), Jitter: c.Dur("jitter"), Place: c.Place}
	if n := given(c, "cron", "every", "after"); n != 1 {
		ps.add("schedule.one_of", c.Place, subject, fmt.Sprintf("a schedule needs one of cron, every and after, and has %s", count(n)), "")
	}
	if c.IsSet("timezone") {
		ps.zone(y.Schedule.Timezone, c.At("timezone"), subject)
		if !c.IsSet("cron") {
			ps.add("sync.unused", c.At("timezone"), subject, "timezone goes with cron, so it does nothing here", "take it out")
		}
	}
	every := c.Value("every")
	if every != nil && y.Schedule.Every < time.Minute && every.Text != "" {
		ps.add("schedule.every", every.Place, subject, "every must be a minute or more", "like 15m")
	}
	if every != nil && y.Schedule.Every > 0 && y.Schedule.Jitter >= y.Schedule.Every {
		ps.add("schedule.jitter", c.At("jitter"), subject, "jitter must be shorter than every", "like a tenth of it")
	}
	if c.IsSet("cron") {
		ps.cron(subject, c, y.Schedule.Cron)
	}
}

func (ps *parser) cron(subject string, c *config.Section, expr string) {
	next, err := NextCron(expr, time.Now())
	switch {
	case err != nil:
		ps.add("schedule.cron", c.At("cron"), subject, fmt.Sprintf("%q is not a cron expression: %s", expr, err), "five fields: minute, hour, day of month, month, day of week")
	case next.IsZero():
		ps.add("schedule.never", c.At("cron"), subject, fmt.Sprintf("%q never fires: there is no such day", expr), "look at its day and month")
	}
}

// NextCron is when a cron expression of five fields, or @hourly and the like,
// fires next; the zero time where it never does. The library panics on some
// texts, which is an error here.
func NextCron(expr string, after time.Time) (next time.Time, err error) {
	defer func() {
		if r := recover(); r != nil {
			next, err = time.Time{}, errors.New("it cannot be read")
		}
	}()
	switch {
	case strings.Contains(expr, "TZ="):
		return next, errors.New("the zone is set by timezone")
	case strings.HasPrefix(strings.TrimSpace(expr), "@every"):
		return next, errors.New("an interval is set by every")
	}
	s, err := cron.ParseStandard(expr)
	if err != nil {
		return next, err
	}
	return s.Next(after), nil
}

// afters checks what schedules follow, cycles among them.
func (ps *parser) afters() {
	next := map[string][]string{}
	for _, y := range ps.p.Syncs {
		if y.Schedule != nil {
			next[y.Name] = y.Schedule.After
		}
	}
	for _, y := range ps.p.Syncs {
		if y.Schedule == nil {
			continue
		}
		for _, a := range y.Schedule.After {
			if ps.p.syncNamed(a) == nil {
				ps.unknown(y.Schedule.Place, "sync "+y.Name, "sync", a, ps.p.syncNames())
			}
		}
		if reaches(next, y.Schedule.After, y.Name, map[string]bool{}) {
			ps.add("schedule.cycle", y.Schedule.Place, "sync "+y.Name, fmt.Sprintf("sync %s waits for itself: its after leads back to it", y.Name), "take one of the afters out")
		}
	}
}

// reaches tells whether a way leads from some names to another.
func reaches(next map[string][]string, from []string, to string, seen map[string]bool) bool {
	for _, n := range from {
		if n == to {
			return true
		}
		if !seen[n] {
			seen[n] = true
			if reaches(next, next[n], to, seen) {
				return true
			}
		}
	}
	return false
}
