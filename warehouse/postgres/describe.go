package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Describe implements warehouse.Describer: the server parses the query and
// runs nothing.
func (c *Conn) Describe(ctx context.Context, s warehouse.Stmt) ([]warehouse.NativeColumn, error) {
	if err := c.ready(ctx, s); err != nil {
		return nil, err
	}
	var out []warehouse.NativeColumn
	err := c.with(ctx, func(conn *pgconn.PgConn) error {
		stmt, err := conn.Prepare(ctx, "", label(s)+s.SQL, nil)
		if err != nil {
			return contextual(ctx, c.stmtError(s, err))
		}
		out, err = c.natives(ctx, conn, stmt.Fields)
		return contextual(ctx, err)
	})
	return out, err
}

// natives asks the server how it calls the types of columns, and of what kind
// those are that are not its own.
func (c *Conn) natives(ctx context.Context, conn *pgconn.PgConn, fields []pgconn.FieldDescription) ([]warehouse.NativeColumn, error) {
	out := make([]warehouse.NativeColumn, len(fields))
	if len(fields) == 0 {
		return out, nil
	}
	asked := make([]string, len(fields))
	for i, f := range fields {
		out[i] = warehouse.NativeColumn{Name: f.Name, Type: rows.Text}
		asked[i] = fmt.Sprintf("(%d, CAST(%d AS OID), %d)", i, f.DataTypeOID, f.TypeModifier)
	}
	sql := "SELECT format_type(a.t, a.m), t.typcategory FROM (VALUES " + strings.Join(asked, ", ") + ") AS a(n, t, m) LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.t ORDER BY a.n"
	answer := conn.ExecParams(ctx, sql, nil, nil, nil, nil).Read()
	if answer.Err != nil {
		return nil, c.stmtError(warehouse.Stmt{}, answer.Err)
	}
	for i, row := range answer.Rows {
		out[i].Native, out[i].Type = string(row[0]), weirType(fields[i].DataTypeOID, string(row[1]))
	}
	return out, nil
}

// weirType is the type of Weir that a native one is cast to. The category is
// pg_type's: A is an array, C a composite.
func weirType(oid uint32, category string) rows.Type {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID:
		return rows.Int
	case pgtype.NumericOID:
		return rows.Decimal
	case pgtype.Float4OID, pgtype.Float8OID:
		return rows.Double
	case pgtype.BoolOID:
		return rows.Bool
	case pgtype.DateOID:
		return rows.Date
	case pgtype.TimestampOID, pgtype.TimestamptzOID:
		return rows.Timestamp
	case pgtype.JSONOID, pgtype.JSONBOID:
		return rows.JSON
	case pgtype.TextArrayOID, pgtype.VarcharArrayOID, pgtype.BPCharArrayOID, pgtype.NameArrayOID:
		return rows.TextList
	}
	if category == "A" || category == "C" {
		return rows.JSON
	}
	return rows.Text
}
