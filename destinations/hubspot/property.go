package hubspot

import "github.com/weir-data/weir/internal/rows"

// property is one property of an object, as HubSpot describes it.
type property struct {
	Object    string   `json:"-"`
	Name      string   `json:"name"`
	Label     string   `json:"label"`
	Type      string   `json:"type"`
	FieldType string   `json:"fieldType"`
	Group     string   `json:"groupName,omitempty"`
	Unique    bool     `json:"hasUniqueValue"`
	Computed  bool     `json:"calculated"`
	Options   []option `json:"options,omitempty"`
	Archived  bool     `json:"archived,omitempty"`
	Hidden    bool     `json:"hidden,omitempty"`
	Meta      struct {
		ReadOnly bool `json:"readOnlyValue"`
	} `json:"modificationMetadata"`
}

// option is one value of an enumeration.
type option struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// checkbox is the kind of field in which several options may be chosen.
const checkbox = "checkbox"

// recordID is the property that holds HubSpot's own id of a record.
const recordID = "hs_object_id"

// fieldTypes are the kinds of fields that properties of a type usually have.
var fieldTypes = map[string]string{"string": "text", "number": "number", "bool": "booleancheckbox", "date": "date", "datetime": "date", "enumeration": "select"}

// takes are Weir's types that a property can be written from; nil = any. Text
// goes into all of them: HubSpot judges each value.
func (p *property) takes() []rows.Type {
	switch p.Type {
	case "number":
		return []rows.Type{rows.Int, rows.Double, rows.Decimal, rows.Text}
	case "bool":
		return []rows.Type{rows.Bool, rows.Text}
	case "date":
		return []rows.Type{rows.Date, rows.Text}
	case "datetime":
		return []rows.Type{rows.Timestamp, rows.Text}
	case "enumeration":
		out := []rows.Type{rows.Text, rows.Int, rows.Bool}
		if p.FieldType == checkbox {
			out = append(out, rows.TextList)
		}
		return out
	}
	return nil
}

// unique tells whether records can be found by it. The address of a contact is
// unique although HubSpot does not mark it so.
func (p *property) unique(object string) bool {
	return p.Unique || p.Name == recordID || object == "contacts" && p.Name == "email"
}
