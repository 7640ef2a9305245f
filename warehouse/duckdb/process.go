package duckdb

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process tells the command of a process and since when it runs, as far as the
// system shows it.
func process(pid int) (command string, since time.Time) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	if text, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil {
		return shortCommand(strings.Split(strings.Trim(string(text), "\x00"), "\x00")), started(dir)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", time.Time{}
	}
	return shortCommand(strings.Fields(string(out))), time.Time{}
}

// shortCommand is a program's name and its first word: more of a command line
// may hold secrets.
func shortCommand(args []string) string {
	if len(args) == 0 || args[0] == "" {
		return ""
	}
	name := filepath.Base(args[0])
	if len(args) > 1 && args[1] != "" && !strings.HasPrefix(args[1], "-") && !strings.ContainsAny(args[1], "=:@ ") {
		name += " " + filepath.Base(args[1])
	}
	return name
}

// ticks is how many of the kernel's clock ticks make a second, on every
// architecture that DuckDB is built for.
const ticks = 100

// started is when a process began: so many ticks after the machine did.
func started(dir string) time.Time {
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return time.Time{}
	}
	_, rest, ok := strings.Cut(string(stat[max(0, strings.LastIndexByte(string(stat), ')')):]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return time.Time{}
	}
	after, err := strconv.ParseInt(fields[19], 10, 64)
	if err != nil {
		return time.Time{}
	}
	boot := bootTime()
	if boot.IsZero() {
		return boot
	}
	return boot.Add(time.Duration(after) * time.Second / ticks)
}

// bootTime is when the machine began.
func bootTime() time.Time {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return time.Time{}
	}
	for line := range strings.Lines(string(text)) {
		if secs, ok := strings.CutPrefix(line, "btime "); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(secs), 10, 64); err == nil {
				return time.Unix(n, 0)
			}
		}
	}
	return time.Time{}
}
