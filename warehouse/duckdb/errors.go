package duckdb

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/warehouse"
)

var (
	lineMark = regexp.MustCompile(`(?m)^LINE (\d+): `)
	holder   = regexp.MustCompile(`\(PID (\d+)\)`)
)

// sqlError is DuckDB's complaint: one sentence, its picture of the place, and
// the place as line and column of the statement.
func sqlError(text, sql string) error {
	if text == "" {
		text = "the statement failed without a reason"
	}
	e := &warehouse.Error{Text: strings.TrimSpace(text)}
	if at := lineMark.FindStringSubmatchIndex(text); at != nil {
		e.Text, e.Detail = strings.TrimSpace(text[:at[0]]), strings.TrimRight(text[at[0]:], "\n")
		e.Line, _ = strconv.Atoi(text[at[2]:at[3]])
		e.Col = caretColumn(e.Detail, at[1]-at[0], sql, e.Line)
	}
	e.Text = strings.Join(strings.Fields(e.Text), " ")
	switch {
	case strings.Contains(text, "No space left") || strings.Contains(text, "Could not write") || strings.Contains(text, "out of disk space") || strings.Contains(text, "exceeds disk space limit"):
		e.Err = warehouse.ErrDiskFull
		e.Text = "no space left on the disk for the database file (" + e.Text + ")"
	case strings.Contains(text, "Table with name") && strings.Contains(text, "does not exist"):
		e.Err = warehouse.ErrNoTable
	}
	return e
}

// caretColumn finds the column that the caret under the line points to. A long
// line is shown cut, so what is shown is looked up in the statement.
func caretColumn(detail string, indent int, sql string, line int) int {
	parts := strings.SplitN(detail, "\n", 3)
	if len(parts) < 2 {
		return 0
	}
	caret := strings.IndexByte(parts[1], '^')
	if caret < indent {
		return 0
	}
	col := caret - indent + 1
	shown := strings.TrimSuffix(strings.TrimPrefix(parts[0][min(indent, len(parts[0])):], "..."), "...")
	lines := strings.Split(sql, "\n")
	if line < 1 || line > len(lines) {
		return col
	}
	if at := strings.Index(lines[line-1], shown); at >= 0 && strings.HasPrefix(parts[0][min(indent, len(parts[0])):], "...") {
		return at + col - len("...")
	}
	return col
}

// openError says why a file could not be opened.
func openError(path, text string) error {
	switch {
	case strings.Contains(text, "Could not set lock") || strings.Contains(text, "Conflicting lock"):
		e := &warehouse.LockedError{Path: path}
		if m := holder.FindStringSubmatch(text); m != nil {
			e.PID, _ = strconv.Atoi(m[1])
			e.Command, e.Since = process(e.PID)
		}
		return e
	case strings.Contains(text, "not a valid DuckDB database file"):
		return fmt.Errorf("%s is not a DuckDB database file (another program's file, or one cut short): set warehouse.path to another file", path)
	case strings.Contains(text, "Permission denied"):
		return fmt.Errorf("%s may not be opened: permission denied (give this user the right to read and write the file and its folder)", path)
	case strings.Contains(text, "No space left"):
		return fmt.Errorf("open %s: %w", path, warehouse.ErrDiskFull)
	}
	return fmt.Errorf("open the DuckDB file %s: %s", path, strings.Join(strings.Fields(text), " "))
}

// process tells the command of a process and since when it runs, where the
// system shows it.
func process(pid int) (command string, since time.Time) {
	dir := fmt.Sprintf("/proc/%d", pid)
	if text, err := os.ReadFile(dir + "/cmdline"); err == nil {
		command = strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
		if len(command) > 80 {
			command = command[:77] + "..."
		}
	}
	if st, err := os.Stat(dir); err == nil {
		since = st.ModTime()
	}
	return command, since
}
