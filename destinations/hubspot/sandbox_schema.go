package hubspot

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// ownText are HubSpot's own properties of its own objects, those that syncs
// mostly write: name, type and what more there is to say. `ro` cannot be set.
var ownText = map[string]string{
	"contacts": `email string; firstname string; lastname string; phone string; mobilephone string; company string; website string; jobtitle string;
address string; city string; state string; zip string; country string; annualrevenue string; hs_language enumeration; hubspot_owner_id enumeration;
lifecyclestage enumeration subscriber|lead|marketingqualifiedlead|salesqualifiedlead|opportunity|customer|evangelist|other;
hs_lead_status enumeration NEW|OPEN|IN_PROGRESS|OPEN_DEAL|UNQUALIFIED|ATTEMPTED_TO_CONTACT|CONNECTED|BAD_TIMING;
lastmodifieddate datetime ro`,
	"companies": `name string; domain string; description string; phone string; website string; address string; city string; state string; zip string; country string;
industry enumeration; numberofemployees number; annualrevenue number; hubspot_owner_id enumeration; type enumeration PROSPECT|PARTNER|RESELLER|VENDOR|OTHER;
lifecyclestage enumeration subscriber|lead|marketingqualifiedlead|salesqualifiedlead|opportunity|customer|evangelist|other; hs_lastmodifieddate datetime ro`,
	"deals": `dealname string; amount number; closedate datetime; dealstage enumeration; pipeline enumeration; dealtype enumeration newbusiness|existingbusiness;
description string; hubspot_owner_id enumeration; hs_priority enumeration low|medium|high; hs_lastmodifieddate datetime ro`,
}

// ownProperties are those properties, by object.
func ownProperties() map[string][]*property {
	out := map[string][]*property{}
	for object, list := range ownText {
		out[object] = append(readProperties(object, list), everyObjects()...)
	}
	return out
}

// everyObjects are the properties that every object has.
func everyObjects() []*property {
	return readProperties("", "hs_object_id number ro; createdate datetime ro")
}

func readProperties(object, list string) []*property {
	var out []*property
	for line := range strings.SplitSeq(list, ";") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		p := &property{Name: words[0], Label: words[0], Type: words[1], FieldType: fieldTypes[words[1]], Group: groupOf(object)}
		if len(words) > 2 && words[2] == "ro" {
			p.Meta.ReadOnly = true
		} else if len(words) > 2 {
			for v := range strings.SplitSeq(words[2], "|") {
				p.Options = append(p.Options, option{Label: v, Value: v})
			}
		}
		out = append(out, p)
	}
	return out
}

// groupOf is the group that properties of an object are put in.
func groupOf(object string) string {
	switch object {
	case "contacts":
		return "contactinformation"
	case "companies":
		return "companyinformation"
	case "deals":
		return "dealinformation"
	}
	return strings.ToLower(object) + "_information"
}

// newProperty is what is sent to make a property.
type newProperty struct {
	Name      string   `json:"name"`
	Label     string   `json:"label"`
	Type      string   `json:"type"`
	FieldType string   `json:"fieldType"`
	Group     string   `json:"groupName"`
	Unique    bool     `json:"hasUniqueValue,omitempty"`
	Options   []option `json:"options,omitempty"`
}

func (p *property) asNew() newProperty {
	return newProperty{Name: p.Name, Label: p.Label, Type: p.Type, FieldType: p.FieldType, Group: groupOf(p.Object), Unique: p.Unique, Options: p.Options}
}

// property makes, lists and drops the properties of an object.
func (s *Sandbox) property(method, object, name string, body []byte) reply {
	t := s.known(object)
	switch {
	case method == http.MethodPost && name == "":
		return s.makeProperty(object, body)
	case t == nil:
		return invalid("Unable to infer object type from: " + object)
	case method == http.MethodGet && name == "":
		return reply{http.StatusOK, map[string]any{"results": t.props}}
	}
	p := t.prop(name)
	switch {
	case p == nil:
		return reply{http.StatusNotFound, map[string]any{"status": "error", "message": "property " + name + " does not exist", "category": notFound}}
	case method == http.MethodGet:
		return reply{http.StatusOK, p}
	case method == http.MethodDelete && !p.Meta.ReadOnly:
		t.drop(name)
		s.made.Dropped = append(s.made.Dropped, &propLine{t.name, *p})
		return reply{http.StatusNoContent, nil}
	}
	return invalid("property " + name + " cannot be changed")
}

func (s *Sandbox) makeProperty(object string, body []byte) reply {
	var in newProperty
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	switch {
	case d.Decode(&in) != nil:
		return invalid("Invalid input JSON")
	case in.Name == "" || in.Label == "" || in.Type == "" || in.FieldType == "" || in.Group == "":
		return invalid("name, label, type, fieldType and groupName are required")
	case fieldTypes[in.Type] == "":
		return invalid("Enum type must be one of: [string, number, bool, enumeration, date, datetime]")
	case !knownObject(object):
		return invalid("Unable to infer object type from: " + object)
	}
	t := s.table(object)
	if t.prop(in.Name) != nil {
		return reply{http.StatusConflict, map[string]any{"status": "error", "message": "A property named '" + in.Name + "' already exists.", "category": "OBJECT_ALREADY_EXISTS"}}
	}
	p := &property{Name: in.Name, Label: in.Label, Type: in.Type, FieldType: in.FieldType, Group: in.Group, Unique: in.Unique, Options: slices.Clone(in.Options)}
	t.props = append(t.props, p)
	s.made.Properties = append(s.made.Properties, &propLine{t.name, *p})
	return reply{http.StatusCreated, p}
}

// schemas lists the custom objects.
func (s *Sandbox) schemas() reply {
	list := []map[string]any{}
	for _, t := range s.sorted() {
		if _, own := ownText[t.name]; own {
			continue
		}
		one := map[string]any{"name": t.name, "labels": map[string]string{"singular": t.name, "plural": t.name}, "fullyQualifiedName": t.name}
		list = append(list, one)
	}
	return reply{http.StatusOK, map[string]any{"results": list}}
}
