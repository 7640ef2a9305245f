package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// In the program that this test runs, files may grow so large and no larger: a
// write beyond that fails, as it does on a full disk.
func init() {
	var most uint64
	if _, err := fmt.Sscan(os.Getenv("WEIR_TEST_FILE_SIZE"), &most); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			panic(err)
		}
	}
}

// TestFull runs a sync on a disk that fills up while the ledger is written, at
// many points: it stops, says why, and the next run goes on from what was
// acknowledged.
func TestFull(t *testing.T) {
	k := newKilled(t)
	k.faults(`[]`)
	rnd := rand.New(rand.NewPCG(3, 5))
	stopped := 0
	for range 2 {
		k.change(rnd)
		done := false
		for step := range 40 {
			done = k.runFull(int64(step+1) * 384 << 10)
			k.pay(!done) // a run that could not write costs what a killed one does
			if done {
				break
			}
			stopped++
		}
		if !done {
			t.Fatal("the run never came to its end")
		}
		k.finish()
		k.verify()
	}
	if t.Logf("%d runs found the disk full", stopped); stopped < 8 {
		t.Errorf("only %d runs found the disk full", stopped)
	}
}

// runFull runs with files of so many bytes at most; false where that stopped it.
func (k *killed) runFull(most int64) bool {
	k.t.Helper()
	cmd, out := k.command()
	cmd.Env = append(cmd.Env, fmt.Sprintf("WEIR_TEST_FILE_SIZE=%d", most))
	err := cmd.Run()
	text := out.String()
	switch code := cmd.ProcessState.ExitCode(); {
	case err == nil:
		return true
	case code != exitOutside:
		k.t.Fatalf("at %d bytes: %s, want exit code %d\n%s", most, cmd.ProcessState, exitOutside, text)
	case !strings.Contains(text, "no space left on the disk") || strings.Contains(text, "people_to_hook") && !strings.Contains(text, "next      make room on the disk") || strings.Contains(text, "goroutine "):
		k.t.Fatalf("at %d bytes it does not say that the disk is full:\n%s", most, text)
	}
	return false
}
