package postgres

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/weir-data/weir/warehouse"
)

var (
	quoted = regexp.MustCompile(`"(?:[^"]|"")*"`)
	denied = regexp.MustCompile(`^permission denied for (table|view|materialized view|foreign table|schema|database|function|sequence) (.+)$`)
)

// stmtError is the server's complaint about a statement: one sentence, with
// the place as line and column of the statement, and what to do where that is
// known. Values of rows are not in it.
func (c *Conn) stmtError(s warehouse.Stmt, err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &pg):
		return c.login.broken(err)
	case pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P05":
		return c.login.broken(errors.New(pg.Message))
	}
	e := &warehouse.Error{Text: oneLine(withoutValues(pg, s.SQL)), Err: kindOf(pg.Code)}
	if way := c.wayOut(s, pg); way != "" {
		e.Text += " (" + way + ")"
	}
	if pg.Position > 0 {
		at := int(pg.Position) - 1 - len([]rune(label(s)))
		e.Line, e.Col = lineAndColumn(s.SQL, at)
	}
	return e
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// lineAndColumn finds a character of the text, both counted from 1.
func lineAndColumn(sql string, at int) (line, col int) {
	line, col = 1, 1
	for _, r := range sql {
		if at <= 0 {
			break
		}
		at--
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	return line, col
}

// kindOf tells what callers decide on.
func kindOf(code string) error {
	switch code {
	case "42P01", "3F000":
		return warehouse.ErrNoTable
	case "53100":
		return warehouse.ErrDiskFull
	}
	return nil
}

// withoutValues leaves out what may be somebody's data: errors of data quote
// values; others quote names, which stand in the statement too.
func withoutValues(pg *pgconn.PgError, sql string) string {
	switch {
	case strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "P0"):
		return quoted.ReplaceAllString(pg.Message, `"…"`)
	case strings.HasPrefix(pg.Code, "23") || pg.Position > 0: // names of constraints, or a place in the statement
		return pg.Message
	}
	return quoted.ReplaceAllStringFunc(pg.Message, func(name string) string {
		for part := range strings.SplitSeq(strings.Trim(name, `"`), ".") {
			if !strings.Contains(sql, part) {
				return `"…"`
			}
		}
		return name
	})
}

// wayOut says what to do, where the server's complaint tells.
func (c *Conn) wayOut(s warehouse.Stmt, pg *pgconn.PgError) string {
	role := quoteRole(c.login.user())
	switch pg.Code {
	case "42501":
		return c.grant(s, pg.Message, role)
	case "3F000":
		return "make it, CREATE SCHEMA … AUTHORIZATION " + role + ", or name another as the target's schema"
	case "42P01":
		if strings.IndexFunc(pg.Message, unicode.IsUpper) >= 0 {
			return "names are told apart by their case: write it as the database shows it"
		}
	case "25006":
		return "it is a replica, or the role may only read: name the primary in warehouse.host, or ALTER ROLE " + role + " RESET default_transaction_read_only"
	case "53100":
		return "the server's disk is full"
	case "53300":
		return "raise max_connections of the server, or run fewer at once"
	case "57014":
		return "raise statement_timeout: ALTER ROLE " + role + " SET statement_timeout = 0"
	case "55P03":
		return "another holds a lock on it for longer than lock_timeout"
	}
	if strings.HasPrefix(pg.Code, "42") && pg.Hint != "" {
		return strings.TrimSuffix(oneLine(pg.Hint), ".")
	}
	return ""
}

// grant names the right that a role lacks.
func (c *Conn) grant(s warehouse.Stmt, message, role string) string {
	m := denied.FindStringSubmatch(message)
	if m == nil {
		return "give the role " + role + " the right to it"
	}
	kind, name := m[1], m[2]
	switch kind {
	case "schema":
		if strings.HasPrefix(s.SQL, "CREATE") {
			return "GRANT USAGE, CREATE ON SCHEMA " + name + " TO " + role
		}
		return "GRANT USAGE ON SCHEMA " + name + " TO " + role
	case "database":
		return "GRANT CREATE ON DATABASE " + name + " TO " + role + ", or make the schema yourself: CREATE SCHEMA … AUTHORIZATION " + role
	case "function":
		return "GRANT EXECUTE ON FUNCTION " + name + " TO " + role
	case "sequence":
		return "GRANT USAGE ON SEQUENCE " + name + " TO " + role
	}
	return "GRANT SELECT ON " + name + " TO " + role
}

// plainName is a name that needs no quotes.
var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func quoteRole(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return quoteName(name)
}

// broken is a connection that ended while it was used.
func (l *login) broken(err error) error {
	return sayf("the connection to PostgreSQL at %s broke (%s): run it again", l.address(), reason(err))
}
