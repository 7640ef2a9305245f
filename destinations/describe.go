package destinations

import "github.com/weir-data/weir/internal/rows"

// ObjectInfo is an object as a destination's account has it.
type ObjectInfo struct {
	Name   string        `json:"name"` // as `object:` of a sync spells it
	Label  string        `json:"label,omitempty"`
	Fields []ObjectField `json:"fields,omitempty"`
}

// Field is the field of that name; nil where there is none.
func (o *ObjectInfo) Field(name string) *ObjectField {
	for i := range o.Fields {
		if o.Fields[i].Name == name {
			return &o.Fields[i]
		}
	}
	return nil
}

// ObjectField is a field of an object.
type ObjectField struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // in the destination's words
	Label    string   `json:"label,omitempty"`
	Required bool     `json:"required,omitempty"`  // a record cannot be made without it
	ReadOnly bool     `json:"read_only,omitempty"` // it can be matched, not set
	Unique   bool     `json:"unique,omitempty"`    // a record can be found by it
	Options  []string `json:"options,omitempty"`   // the values it can have, where they are a list
	// Takes are Weir's types that can be written to it; nil = any.
	Takes []rows.Type `json:"-"`
}
