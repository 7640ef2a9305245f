package config

import "maps"

// ObjectSchema is the JSON Schema (2020-12) of a section with these fields: no
// other key is allowed. The caller may patch what it gives.
func ObjectSchema(fields []Field, doc string) map[string]any {
	props, required := map[string]any{}, []any{}
	for i := range fields {
		f := &fields[i]
		props[f.Name] = FieldSchema(f)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": props}
	if doc != "" {
		out["description"] = doc
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// FieldSchema is the JSON Schema of one field: its shape, and what an editor
// shows beside it. A field that is not built matches nothing.
func FieldSchema(f *Field) map[string]any {
	out := map[string]any{}
	if f.NotYet != "" {
		out["not"] = map[string]any{}
	} else {
		maps.Copy(out, shape(f))
	}
	if f.Doc != "" {
		out["description"] = f.Doc
	}
	if f.Default != "" {
		out["default"] = defaultValue(f)
	}
	if f.Example != "" && !f.Secret {
		out["examples"] = []any{f.Example}
	}
	if f.Secret {
		out["writeOnly"] = true
	}
	return out
}

// defaultValue is the default as the type it has in JSON.
func defaultValue(f *Field) any {
	switch f.Kind {
	case Bool:
		return f.Default == "true"
	case Int:
		if n, ok := parseInt(f.Default); ok {
			return n
		}
	}
	return f.Default
}

// Patterns of values that JSON has no type for.
const (
	durationPattern = `^([0-9]+[dw]|0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`
	sharePattern    = `^[0-9]+(\.[0-9]+)?%$`
	variablePattern = `\$\{.+\}`
)

func shape(f *Field) map[string]any {
	switch f.Kind {
	case Object:
		own := ObjectSchema(f.Fields, "")
		if short := fieldNamed(f.Fields, f.Short); short != nil {
			return either(FieldSchema(short), own)
		}
		return own
	case List:
		item := FieldSchema(f.Of)
		list := map[string]any{"type": "array", "items": item}
		if f.Of.Kind == String {
			return either(list, item)
		}
		return list
	case Map:
		named := map[string]any{"type": "object", "additionalProperties": FieldSchema(f.Of)}
		if f.Short != "" {
			return either(FieldSchema(f.Of), named)
		}
		return named
	case Any:
		return map[string]any{}
	case Scalar:
		return map[string]any{"type": []any{"string", "number", "boolean", "null"}}
	}
	return scalarShape(f)
}

func scalarShape(f *Field) map[string]any {
	var out map[string]any
	switch f.Kind {
	case Int:
		out = map[string]any{"type": "integer"}
	case Bool:
		out = map[string]any{"type": "boolean"}
	case Duration:
		out = map[string]any{"type": "string", "pattern": durationPattern}
	case Share:
		out = either(map[string]any{"type": "number", "minimum": 0, "maximum": 1}, map[string]any{"type": "string", "pattern": sharePattern})
	default:
		if len(f.Enum) == 0 {
			return map[string]any{"type": []any{"string", "number", "boolean"}}
		}
		out = map[string]any{"enum": toAny(f.Enum)}
	}
	if f.Vars {
		return either(out, map[string]any{"type": "string", "pattern": variablePattern})
	}
	return out
}

func either(schemas ...map[string]any) map[string]any {
	list := make([]any, len(schemas))
	for i, s := range schemas {
		list[i] = s
	}
	return map[string]any{"anyOf": list}
}

func fieldNamed(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name && name != "" {
			return &fields[i]
		}
	}
	return nil
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
