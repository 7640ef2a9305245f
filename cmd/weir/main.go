// Command weir keeps the tools that people work in equal to the warehouse: it
// finds the rows that differ from what each destination has acknowledged, and
// delivers only those.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // time zones are part of a project's meaning, also where the system has none
)

// version is set by the build.
var version = "dev"

func main() {
	os.Exit(Main(os.Args[1:]))
}

// Main runs one command and gives its exit code. The first signal stops
// reading: what was read is delivered and committed. The second cuts.
func Main(args []string) int {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ctx, stop := context.WithCancelCause(context.Background())
	cut, cutNow := context.WithCancel(context.Background())
	defer stop(nil)
	defer cutNow()
	a := newApp(os.Stdout, os.Stderr)
	a.cut = cut
	go a.listen(signals, stop, cutNow)
	return a.run(ctx, args)
}

// signalError is the cause of a context that a signal ended.
type signalError struct{ sig os.Signal }

func (e signalError) Error() string { return "stopped by " + e.sig.String() }
