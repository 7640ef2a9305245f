package duckdb

import (
	"context"
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Exec implements warehouse.Conn.
func (c *Conn) Exec(ctx context.Context, s warehouse.Stmt) (int64, error) {
	var n int64
	err := c.with(func(conn bindings.Connection) error {
		defer interruptOn(ctx, conn)()
		var err error
		n, err = execute(conn, labelled(s))
		return contextual(ctx, err)
	})
	return n, err
}

// Atomically implements warehouse.Atomic.
func (c *Conn) Atomically(ctx context.Context, stmts []warehouse.Stmt) error {
	return c.with(func(conn bindings.Connection) error {
		defer interruptOn(ctx, conn)()
		if _, err := execute(conn, "BEGIN TRANSACTION"); err != nil {
			return err
		}
		for _, s := range stmts {
			if _, err := execute(conn, labelled(s)); err != nil {
				_, _ = execute(conn, "ROLLBACK")
				return contextual(ctx, err)
			}
		}
		if _, err := execute(conn, "COMMIT"); err != nil {
			_, _ = execute(conn, "ROLLBACK")
			return contextual(ctx, err)
		}
		return nil
	})
}

// execute runs one statement and gives the rows it changed.
func execute(conn bindings.Connection, sql string) (int64, error) {
	var res bindings.Result
	state := bindings.Query(conn, sql, &res)
	defer bindings.DestroyResult(&res)
	if state == bindings.StateError {
		return 0, sqlError(bindings.ResultError(&res), sql)
	}
	return int64(bindings.RowsChanged(&res)), nil
}

// labelled puts what a statement is for in front of it, as a comment.
func labelled(s warehouse.Stmt) string {
	if s.Label == "" {
		return s.SQL
	}
	return "/* " + strings.ReplaceAll(s.Label, "*/", "* /") + " */ " + s.SQL
}

// interruptOn stops the connection's statement when ctx ends; the function
// that it gives ends the watch.
func interruptOn(ctx context.Context, conn bindings.Connection) func() {
	stop := context.AfterFunc(ctx, func() { bindings.Interrupt(conn) })
	return func() { stop() }
}

// contextual prefers the context's word over the engine's "interrupted".
func contextual(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Describe implements warehouse.Describer.
func (c *Conn) Describe(ctx context.Context, s warehouse.Stmt) ([]warehouse.NativeColumn, error) {
	var out []warehouse.NativeColumn
	err := c.with(func(conn bindings.Connection) error {
		defer interruptOn(ctx, conn)()
		var stmt bindings.PreparedStatement
		state := bindings.Prepare(conn, s.SQL, &stmt)
		defer bindings.DestroyPrepare(&stmt)
		if state == bindings.StateError {
			return contextual(ctx, sqlError(bindings.PrepareError(stmt), s.SQL))
		}
		for i := range bindings.PreparedStatementColumnCount(stmt) {
			t := bindings.PreparedStatementColumnLogicalType(stmt, i)
			out = append(out, warehouse.NativeColumn{Name: bindings.PreparedStatementColumnName(stmt, i), Native: nativeName(t), Type: weirType(t)})
			bindings.DestroyLogicalType(&t)
		}
		return nil
	})
	return out, err
}

var typeNames = map[bindings.Type]string{
	bindings.TypeBoolean: "BOOLEAN", bindings.TypeTinyInt: "TINYINT", bindings.TypeSmallInt: "SMALLINT", bindings.TypeInteger: "INTEGER", bindings.TypeBigInt: "BIGINT",
	bindings.TypeUTinyInt: "UTINYINT", bindings.TypeUSmallInt: "USMALLINT", bindings.TypeUInteger: "UINTEGER", bindings.TypeUBigInt: "UBIGINT", bindings.TypeHugeInt: "HUGEINT",
	bindings.TypeUHugeInt: "UHUGEINT", bindings.TypeFloat: "FLOAT", bindings.TypeDouble: "DOUBLE", bindings.TypeDecimal: "DECIMAL", bindings.TypeVarchar: "VARCHAR", bindings.TypeBlob: "BLOB",
	bindings.TypeDate: "DATE", bindings.TypeTime: "TIME", bindings.TypeTimestamp: "TIMESTAMP", bindings.TypeTimestampS: "TIMESTAMP_S", bindings.TypeTimestampMS: "TIMESTAMP_MS",
	bindings.TypeTimestampNS: "TIMESTAMP_NS", bindings.TypeTimestampTZ: "TIMESTAMP WITH TIME ZONE", bindings.TypeTimeTZ: "TIME WITH TIME ZONE", bindings.TypeInterval: "INTERVAL", bindings.TypeUUID: "UUID",
	bindings.TypeEnum: "ENUM", bindings.TypeList: "LIST", bindings.TypeArray: "ARRAY", bindings.TypeStruct: "STRUCT", bindings.TypeMap: "MAP", bindings.TypeUnion: "UNION", bindings.TypeBit: "BIT",
	bindings.TypeSQLNull: "NULL", bindings.TypeBigNum: "BIGNUM",
}

func nativeName(t bindings.LogicalType) string {
	if alias := bindings.LogicalTypeGetAlias(t); alias != "" {
		return alias
	}
	id := bindings.GetTypeId(t)
	if id == bindings.TypeList {
		child := bindings.ListTypeChildType(t)
		defer bindings.DestroyLogicalType(&child)
		return nativeName(child) + "[]"
	}
	if id == bindings.TypeDecimal {
		return fmt.Sprintf("DECIMAL(%d,%d)", bindings.DecimalWidth(t), bindings.DecimalScale(t))
	}
	return typeNames[id]
}

// weirType is the type of Weir that a native one is cast to.
func weirType(t bindings.LogicalType) rows.Type {
	if bindings.LogicalTypeGetAlias(t) == "JSON" {
		return rows.JSON
	}
	switch bindings.GetTypeId(t) {
	case bindings.TypeTinyInt, bindings.TypeSmallInt, bindings.TypeInteger, bindings.TypeBigInt, bindings.TypeUTinyInt, bindings.TypeUSmallInt, bindings.TypeUInteger:
		return rows.Int
	case bindings.TypeUBigInt, bindings.TypeHugeInt, bindings.TypeUHugeInt, bindings.TypeDecimal, bindings.TypeBigNum:
		return rows.Decimal
	case bindings.TypeFloat, bindings.TypeDouble:
		return rows.Double
	case bindings.TypeBoolean:
		return rows.Bool
	case bindings.TypeDate:
		return rows.Date
	case bindings.TypeTimestamp, bindings.TypeTimestampS, bindings.TypeTimestampMS, bindings.TypeTimestampNS, bindings.TypeTimestampTZ:
		return rows.Timestamp
	case bindings.TypeList:
		child := bindings.ListTypeChildType(t)
		defer bindings.DestroyLogicalType(&child)
		if bindings.GetTypeId(child) == bindings.TypeVarchar {
			return rows.TextList
		}
		return rows.JSON
	case bindings.TypeStruct, bindings.TypeMap, bindings.TypeArray, bindings.TypeUnion:
		return rows.JSON
	default:
		return rows.Text
	}
}
