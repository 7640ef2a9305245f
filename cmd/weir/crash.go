package main

import (
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
)

// crashPoint is for tests of this program: with WEIR_CRASH_AFTER=n the process
// kills itself at the n-th step between two durable ones.
func crashPoint() func(string) {
	n, err := strconv.ParseInt(os.Getenv("WEIR_CRASH_AFTER"), 10, 64)
	if err != nil {
		return nil
	}
	var steps atomic.Int64
	return func(string) {
		if steps.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}
}
