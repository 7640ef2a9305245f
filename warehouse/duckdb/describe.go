package duckdb

import (
	"context"
	"fmt"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Describe implements warehouse.Describer: DuckDB prepares the query and runs nothing.
func (c *Conn) Describe(ctx context.Context, s warehouse.Stmt) ([]warehouse.NativeColumn, error) {
	sql, err := c.ready(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []warehouse.NativeColumn
	err = c.with(func(conn bindings.Connection) error {
		defer interruptOn(ctx, conn)()
		var stmt bindings.PreparedStatement
		state := bindings.Prepare(conn, sql, &stmt)
		defer bindings.DestroyPrepare(&stmt)
		if state == bindings.StateError {
			return contextual(ctx, placed(s, sqlError(bindings.PrepareError(stmt), sql)))
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
