package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// signalLosesNothing stops a run whose query has no order in the middle: what
// was under way is delivered and kept, the run is no success, and the next one
// sends the rest and nothing else.
func signalLosesNothing(t *testing.T) {
	k, cmd, out := slowRun(t, "")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("it ended with %v, want exit 143\n%s", err, out())
	}
	had := len(k.srv.Host("hook").Box.State())
	if had == 0 || had == killRows {
		t.Fatalf("%d of %d rows had arrived: it was not stopped in the middle", had, killRows)
	}
	s := &newcomer{t: t, dir: k.dir}
	s.wants("the stopped run", out(), "people_to_hook  stopped", fmt.Sprintf("%s accepted", thousands(had)), "unsent")
	s.wants("runs --last", s.must("runs", "--last").out, "  stopped  ", "the next run sends the rest")
	k.faults(`[]`)
	o := s.must("run")
	s.wants("the next run", o.out, fmt.Sprintf("sent      %s = %s accepted ✓", thousands(killRows-had), thousands(killRows-had)))
	k.verify()
	if n := k.repeats(); n != 0 {
		t.Errorf("%d rows were sent twice", n)
	}
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// killedGoesOn kills a run in the middle: history shows it as interrupted, the
// next one goes on, and sends twice at most what was under way.
func killedGoesOn(t *testing.T) {
	k, cmd, _ := slowRun(t, "")
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	k.pay(true)
	s := &newcomer{t: t, dir: k.dir}
	s.wants("runs --last", s.must("runs", "--last").out, "  interrupted  ", fmt.Sprintf("process %d on ", cmd.Process.Pid), "goes on from what was acknowledged")
	s.wants("runs --last --json", s.must("runs", "--last", "--json").out, `"state": "interrupted"`)
	k.faults(`[]`)
	s.wants("the next run", s.must("run").out, "was interrupted", "people_to_hook  done")
	k.verify()
	k.finish()
}

// secondRun starts a run while another works: it names who works, since when,
// and where, and sends nothing.
func secondRun(t *testing.T) {
	k, first, _ := slowRun(t, "")
	k.faults(`[{"slow": "1s"}]`) // longer than it takes to look
	s := &newcomer{t: t, dir: k.dir}
	for _, args := range [][]string{{"run"}, {"run", "--json"}, {"plan"}} {
		o := s.weir(args...)
		if o.code != exitOutside {
			t.Errorf("weir %s: exit %d\n%s", strings.Join(args, " "), o.code, o.all())
		}
		s.wants(strings.Join(args, " "), o.all(), fmt.Sprintf("process %d ", first.Process.Pid), "since ")
	}
	k.faults(`[]`)
	if err := first.Wait(); err != nil {
		t.Errorf("the first run: %v", err)
	}
	k.verify()
	if n := k.repeats(); n != 0 {
		t.Errorf("%d rows were sent twice", n)
	}
}
