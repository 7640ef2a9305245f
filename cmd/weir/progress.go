package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/run"
)

// plainEvery is how often a line of progress is written where there is no terminal.
const plainEvery = 10 * time.Second

// progress shows how far runs are: a bar with rows, rate and time left on a
// terminal, a plain line now and then elsewhere.
type progress struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	bars     *mpb.Progress
	bar      *mpb.Bar
	name     string
	lines    time.Time
}

// newProgress is nil-safe: with quiet or JSON it shows nothing.
func (a *app) newProgress() *progress {
	if a.quiet || a.json {
		return nil
	}
	p := &progress{out: a.err, lines: time.Now()}
	p.terminal = isTerminal(a.err)
	return p
}

// show is told by a run how far it is.
func (p *progress) show(s run.Progress) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.terminal {
		p.plain(s)
		return
	}
	if p.name != s.Sync || p.bar == nil {
		p.end()
		p.name = s.Sync
		p.bars = mpb.New(mpb.WithOutput(p.out), mpb.WithWidth(60), mpb.WithRefreshRate(200*time.Millisecond))
		p.bar = p.bars.AddBar(s.Planned, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(s.Sync+"  "), decor.CountersNoUnit("%d / %d rows")),
			mpb.AppendDecorators(decor.AverageSpeed(0, "%.0f rows/s"), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left")))
	}
	p.bar.SetCurrent(s.Done)
}

func (p *progress) plain(s run.Progress) {
	if time.Since(p.lines) < plainEvery {
		return
	}
	p.lines = time.Now()
	rate := float64(s.Done) / max(time.Since(s.Started).Seconds(), 0.001)
	left := "?"
	if rate > 0 {
		left = took(time.Duration(float64(s.Planned-s.Done)/rate) * time.Second)
	}
	fmt.Fprintf(p.out, "%s: %s of %s rows, %s rows/s, %s left\n", s.Sync, diag.Number(s.Done), diag.Number(s.Planned), diag.Number(int64(rate)), left)
}

// end takes the bar away.
func (p *progress) end() {
	if p == nil || p.bar == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
	p.bar, p.bars = nil, nil
}

// stop ends all progress before the summary is printed.
func (p *progress) stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}
