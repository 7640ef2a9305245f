package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/weir-data/weir/warehouse"
)

// outside are functions that look outside of the query or change something,
// and beginnings of such names.
var (
	outside = map[string]bool{"set_config": true, "current_setting": true, "nextval": true, "setval": true, "currval": true, "lastval": true, "setseed": true, "ts_stat": true, "connectby": true,
		"pg_terminate_backend": true, "pg_cancel_backend": true, "pg_reload_conf": true, "pg_rotate_logfile": true, "pg_notify": true, "pg_switch_wal": true, "pg_promote": true, "pg_export_snapshot": true, "pg_current_logfile": true}
	outsideBeginnings = []string{"pg_read_", "pg_ls_", "pg_stat_file", "pg_sleep", "pg_advisory_", "pg_try_advisory_", "pg_logical_", "pg_create_", "pg_drop_", "pg_copy_", "pg_backup_", "pg_stat_reset", "pg_replication_", "pg_wal_", "pg_file_",
		"pg_log_", "lo_", "dblink", "crosstab", "query_to_xml", "table_to_xml", "cursor_to_xml", "schema_to_xml", "database_to_xml"}
)

// locks are the words behind FOR that lock rows.
var locks = map[string]bool{"update": true, "share": true, "no": true, "key": true}

// Seal implements warehouse.Sealer: nothing but one SELECT, by the server's
// own parser, and no function in it that looks outside. Names that the server
// does not know may be other sources: they are none of Seal's business.
func (c *Conn) Seal(ctx context.Context, sql string) error {
	if err := plainText(sql); err != nil {
		return err
	}
	if err := look(sql); err != nil {
		return err
	}
	return c.with(ctx, func(conn *pgconn.PgConn) error {
		if err := c.parsed(ctx, conn, "", sql, ""); err != nil {
			return err
		}
		return c.parsed(ctx, conn, "SELECT 1 AS x FROM (\n", sql, "\n) AS sealed")
	})
}

// parsed has the server read a statement, and run nothing.
func (c *Conn) parsed(ctx context.Context, conn *pgconn.PgConn, before, sql, behind string) error {
	_, err := conn.Prepare(ctx, "", before+sql+behind, nil)
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &pg):
		return contextual(ctx, c.login.broken(err))
	case pg.Code != "42601" && pg.Code != "0A000": // not the grammar, and not what may stand where
		return nil
	case strings.Contains(pg.Message, "multiple commands"):
		return complaint(sql, 0, "there are several statements here: only one SELECT may stand here")
	}
	e := &warehouse.Error{Text: oneLine(pg.Message)}
	if before != "" {
		e.Text = "only one SELECT that changes nothing may stand here (" + e.Text + ")"
	}
	e.Line, e.Col = lineAndColumn(sql, min(int(pg.Position)-1-len(before), len([]rune(sql))))
	return e
}

// look goes through the words of a text for what may not stand in it.
func look(sql string) error {
	ts := tokens(sql)
	if len(ts) == 0 {
		return complaint(sql, 0, "there is no SELECT here")
	}
	for i, t := range ts[:len(ts)-1] {
		next := ts[i+1]
		switch {
		case !t.named:
		case next.text == "(" && !next.named && looksOutside(t.text):
			return complaint(sql, t.at, fmt.Sprintf("%s() may not be called here: it looks outside of the query", t.text))
		case t.text == "for" && !t.quoted && !next.quoted && locks[next.text]:
			return complaint(sql, t.at, "rows may not be locked here: a source's SQL only reads")
		case t.text == "u" && !t.quoted && next.text == "&" && i+2 < len(ts) && ts[i+2].quoted:
			return complaint(sql, t.at, `a name may not be written as U&"…" here: write its letters`)
		}
	}
	return nil
}

func looksOutside(function string) bool {
	if outside[function] {
		return true
	}
	for _, b := range outsideBeginnings {
		if strings.HasPrefix(function, b) {
			return true
		}
	}
	return false
}

// complaint is an error at a byte of the text.
func complaint(sql string, at int, text string) error {
	e := &warehouse.Error{Text: text}
	e.Line, e.Col = lineAndColumn(sql, len([]rune(sql[:at])))
	return e
}
