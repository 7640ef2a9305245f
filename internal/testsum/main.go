// Command testsum reads `go test -json` and prints what people and machines
// want of it: one line per package as it ends, a failed test's output in full,
// why tests were skipped, and at the very end how many there were.
//
//	go test -json ./... | testsum
//
// It exits with 1 when a test or a package failed, when the stream ends in the
// middle, and when no test was run at all.
package main

import (
	"fmt"
	"os"
)

func main() {
	s := newSummary(os.Stdout)
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		s.broken++
	}
	if !s.close() {
		os.Exit(1)
	}
}
