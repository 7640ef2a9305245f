package duckdb

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
	"github.com/weir-data/weir/warehouse"
)

var (
	lineMark = regexp.MustCompile(`(?m)^LINE (\d+): `)
	holder   = regexp.MustCompile(`\(PID (\d+)\)`)
	csvCell  = regexp.MustCompile(`(?s)CSV Error on Line: (\d+).*Error when converting column "([^"]*)".*? to '(\w+)'`)
	noTable  = regexp.MustCompile(`(?s)^Catalog Error: Table with name "?(.+?)"? does not exist\b`)
	quoted   = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"`)
)

// sqlError is DuckDB's complaint: one sentence, its picture of the place, and
// the place as line and column of the statement. Values of rows are not in it.
func sqlError(text, sql string) error {
	if text == "" {
		text = "the statement failed without a reason"
	}
	e := &warehouse.Error{Text: strings.TrimSpace(text), Err: kindOf(text)}
	if at := lineMark.FindStringSubmatchIndex(text); at != nil {
		e.Text, e.Detail = strings.TrimSpace(text[:at[0]]), strings.TrimRight(text[at[0]:], "\n")
		e.Line, _ = strconv.Atoi(text[at[2]:at[3]]) // digits, by the pattern
		e.Col = caretColumn(e.Detail, at[1]-at[0], sql, e.Line)
	}
	if m := noTable.FindStringSubmatch(e.Text); m != nil {
		// What the engine would suggest is mostly a table of its own.
		e.Missing, e.Text = m[1], "table "+m[1]+" does not exist"
	}
	e.Text = strings.Join(strings.Fields(withoutValues(e.Text)), " ")
	switch {
	case errors.Is(e.Err, warehouse.ErrDiskFull):
		e.Text = "no space left on the disk for the database file (" + e.Text + ")"
	case strings.HasPrefix(e.Text, "Out of Memory Error"):
		e.Text += " (raise warehouse.memory_limit, or lower warehouse.threads)"
	case strings.Contains(e.Text, "No files found that match"):
		e.Text += " (mend `files:` of the source, or put the files there)"
	}
	return e
}

// kindOf tells what callers decide on.
func kindOf(text string) error {
	for _, s := range []string{"No space left", "Could not write", "out of disk space", "exceeds disk space limit", "max_temp_directory_size"} {
		if strings.Contains(text, s) {
			return warehouse.ErrDiskFull
		}
	}
	query := strings.HasPrefix(text, "Catalog Error: Table with name") && strings.Contains(text, "does not exist")
	appender := strings.HasPrefix(text, `Table "`) && strings.HasSuffix(text, `" could not be found`)
	if query || appender {
		return warehouse.ErrNoTable
	}
	return nil
}

// dataErrors quote values out of rows; other errors quote names.
var dataErrors = []string{"Conversion Error", "Invalid Input Error", "Out of Range Error", "Constraint Error"}

// withoutValues leaves out what may be somebody's data.
func withoutValues(text string) string {
	if m := csvCell.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("line %s of a file: the value of column %q is no %s, which the values before it are (mend the file, or say `type: text` for the column under `columns:` of the source)", m[1], m[2], m[3])
	}
	for _, kind := range dataErrors {
		if !strings.HasPrefix(text, kind) {
			continue
		}
		if at := strings.Index(text, "Original Line:"); at >= 0 { // of a CSV file
			text = text[:at]
		}
		return quoted.ReplaceAllString(text, "'…'")
	}
	return text
}

// caretColumn finds the column that the caret under the line points to, in
// characters. A long line is shown cut, so what is shown is looked up in the statement.
func caretColumn(detail string, indent int, sql string, line int) int {
	shown, under, ok := strings.Cut(detail, "\n")
	if !ok {
		return 0
	}
	under, _, _ = strings.Cut(under, "\n")
	caret := strings.IndexByte(under, '^') - indent // the caret's line is blanks: bytes are columns
	if caret < 0 || len(shown) < indent {
		return 0
	}
	shown = shown[indent:]
	lines := strings.Split(sql, "\n")
	if !strings.HasPrefix(shown, "...") || line < 1 || line > len(lines) {
		return charsBefore(shown, caret) + 1
	}
	at := strings.Index(lines[line-1], strings.TrimSuffix(strings.TrimPrefix(shown, "..."), "..."))
	if at < 0 {
		return 0
	}
	return len([]rune(lines[line-1][:at])) + charsBefore(strings.TrimPrefix(shown, "..."), caret-len("...")) + 1
}

// charsBefore is how many characters of a text are shown before a column of
// the terminal: some are two columns wide.
func charsBefore(text string, column int) int {
	n := 0
	for _, r := range text {
		if column <= 0 {
			break
		}
		column -= max(runewidth.RuneWidth(r), 0)
		n++
	}
	return n + max(column, 0)
}

// openError says why a file could not be opened.
func openError(path, text string) error {
	switch {
	case strings.Contains(text, "Could not set lock") || strings.Contains(text, "Conflicting lock"):
		e := &warehouse.LockedError{Path: path}
		if m := holder.FindStringSubmatch(text); m != nil {
			if pid, err := strconv.Atoi(m[1]); err == nil {
				e.PID = pid
				e.Command, e.Since = process(pid)
			}
		}
		return e
	case strings.Contains(text, "not a valid DuckDB database file"):
		return fmt.Errorf("%s is not a DuckDB database file (another program's file, or one cut short): set warehouse.path to another file", path)
	case strings.Contains(text, "different configuration"):
		return fmt.Errorf("%s is open in this process with other settings: close it first", path)
	case strings.Contains(text, "Permission denied"):
		return fmt.Errorf("%s may not be opened: permission denied (give this user the right to read and write the file and its folder)", path)
	case strings.Contains(text, "No space left"):
		return fmt.Errorf("%s cannot be opened: %w", path, warehouse.ErrDiskFull)
	}
	return fmt.Errorf("the DuckDB file %s cannot be opened: %s", path, strings.Join(strings.Fields(text), " "))
}
