// Package rows is Weir's one in-memory row format: a batch of columns, read
// as plain slices. A batch is an Arrow record batch inside; nobody outside the
// warehouse drivers needs to know.
package rows

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// Type is one of Weir's few column types. Every driver casts to them in SQL.
type Type uint8

// The types. Text is UTF-8; Timestamp is microseconds since the epoch, UTC;
// Decimal is decimal(38,9); JSON is canonical JSON text; TextList is a list of text.
const (
	Text Type = iota + 1
	Int
	Double
	Decimal
	Bool
	Date
	Timestamp
	JSON
	TextList
)

var typeNames = [...]string{Text: "text", Int: "bigint", Double: "double", Decimal: "decimal", Bool: "bool",
	Date: "date", Timestamp: "timestamp", JSON: "json", TextList: "list"}

// String is the type's name as YAML and the docs spell it.
func (t Type) String() string {
	if int(t) < len(typeNames) && typeNames[t] != "" {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// ParseType finds the type of a name in YAML or schema.json. "number" is what
// people write when they do not care: a decimal.
func ParseType(name string) (Type, bool) {
	if name == "number" {
		return Decimal, true
	}
	for t, n := range typeNames {
		if n == name && n != "" {
			return Type(t), true
		}
	}
	return 0, false
}

// Column is a name and a type.
type Column struct {
	Name string
	Type Type
}

// jsonMark marks a text column of an Arrow schema as JSON.
const jsonMark = "weir.json"

// ArrowField is the column as a field of an Arrow schema, for drivers.
func (c Column) ArrowField() arrow.Field {
	f := arrow.Field{Name: c.Name, Nullable: true}
	switch c.Type {
	case Text:
		f.Type = arrow.BinaryTypes.String
	case JSON:
		f.Type = arrow.BinaryTypes.String
		f.Metadata = arrow.NewMetadata([]string{jsonMark}, []string{"1"})
	case Int:
		f.Type = arrow.PrimitiveTypes.Int64
	case Double:
		f.Type = arrow.PrimitiveTypes.Float64
	case Decimal:
		f.Type = &arrow.Decimal128Type{Precision: 38, Scale: 9}
	case Bool:
		f.Type = arrow.FixedWidthTypes.Boolean
	case Date:
		f.Type = arrow.FixedWidthTypes.Date32
	case Timestamp:
		f.Type = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case TextList:
		f.Type = arrow.ListOf(arrow.BinaryTypes.String)
	}
	return f
}

// ArrowSchema is the Arrow schema of columns, for drivers.
func ArrowSchema(cols []Column) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = c.ArrowField()
	}
	return arrow.NewSchema(fields, nil)
}

// columnOf is the column an Arrow field stands for; an error names a field of
// another type, which is a fault of the driver that made it.
func columnOf(f arrow.Field) (Column, error) {
	c := Column{Name: f.Name}
	switch t := f.Type.(type) {
	case *arrow.StringType:
		c.Type = Text
		if _, ok := f.Metadata.GetValue(jsonMark); ok {
			c.Type = JSON
		}
	case *arrow.Int64Type:
		c.Type = Int
	case *arrow.Float64Type:
		c.Type = Double
	case *arrow.Decimal128Type:
		c.Type = Decimal
	case *arrow.BooleanType:
		c.Type = Bool
	case *arrow.Date32Type:
		c.Type = Date
	case *arrow.TimestampType:
		c.Type = Timestamp
	case *arrow.ListType:
		c.Type = TextList
	default:
		return c, fmt.Errorf("column %q: %s is none of Weir's types", f.Name, t)
	}
	return c, nil
}
