package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// until waits for a condition that another process makes true.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for {
		select {
		case <-tick.C:
			if cond() {
				return
			}
		case <-end:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// slowRun is a project with some defaults whose run is under way.
func slowRun(t *testing.T, defaults string) (*killed, *exec.Cmd, func() string) {
	t.Helper()
	return slowRunOn(t, inDuckDB, defaults)
}

func slowRunOn(t *testing.T, p place, defaults string) (*killed, *exec.Cmd, func() string) {
	t.Helper()
	k := newKilledOn(t, p)
	text := strings.Replace(k.yaml, "name: killed\n", "name: killed\ndefaults: {"+defaults+"}\n", 1)
	if err := os.WriteFile(filepath.Join(k.dir, "weir.yml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	k.faults(`[{"slow": "150ms"}]`)
	cmd, out := k.command()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the first requests", func() bool { return k.srv.Host("hook").Requests() > 4 })
	return k, cmd, out.String
}

// TestTwoProcesses: one works, the other names it.
func TestTwoProcesses(t *testing.T) { onPlaces(t, twoProcesses) }

func twoProcesses(t *testing.T, p place) {
	k, first, _ := slowRunOn(t, p, "")
	second, out := k.command()
	err := second.Run()
	if err == nil || second.ProcessState.ExitCode() != exitOutside {
		t.Errorf("the second process ended with %v, want exit %d", err, exitOutside)
	}
	for _, want := range []string{fmt.Sprintf("process %d", first.Process.Pid), "since"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	k.faults(`[]`)
	if err := first.Wait(); err != nil {
		t.Errorf("the first process: %v", err)
	}
	k.verify()
}

// TestFrozen: a holder frozen past its lease starts no request when it wakes.
func TestFrozen(t *testing.T) { onPlaces(t, frozenHolder) }

func frozenHolder(t *testing.T, p place) {
	k, cmd, out := slowRunOn(t, p, "lease: 2s")
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	<-time.After(2500 * time.Millisecond) // longer than the lease
	before := k.srv.Host("hook").Requests()
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if err == nil || !strings.Contains(out(), "lease ran out") {
		t.Errorf("it went on: %v\n%s", err, out())
	}
	if after := k.srv.Host("hook").Requests(); after != before {
		t.Errorf("%d requests began after it woke", after-before)
	}
	k.faults(`[]`)
	k.pay(true) // what it had under way is as lost as a killed run's
	k.finish()
	k.verify()
}
