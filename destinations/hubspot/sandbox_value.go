package hubspot

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// refusal is why a value is not taken, as HubSpot lists it.
type refusal struct {
	Valid     bool   `json:"isValid"`
	Message   string `json:"message"`
	Error     string `json:"error"`
	Name      string `json:"name"`
	Localized string `json:"localizedErrorMessage"`
	Portal    int    `json:"portalId"`
}

func refuse(name, code, message string) *refusal {
	return &refusal{Message: message, Error: code, Name: name, Localized: message, Portal: portal}
}

// judge looks at one value of a property that exists; nil where it is taken.
func (p *property) judge(value string) *refusal {
	if value == "" {
		return nil
	}
	ok, code, want := true, "", ""
	switch {
	case p.Name == "email" && p.Type == "string":
		name, host, at := strings.Cut(value, "@")
		ok, code, want = at && name != "" && strings.Contains(host, ".") && !strings.ContainsAny(value, " ,;"), "INVALID_EMAIL", "an email address"
	case p.Type == "number":
		_, err := strconv.ParseFloat(value, 64)
		ok, code, want = err == nil && !strings.ContainsAny(value, "xXeEnN_pP"), "INVALID_INTEGER", "a valid number"
	case p.Type == "bool":
		ok, code, want = value == "true" || value == "false", "INVALID_OPTION", "one of the allowed options: [true, false]"
	case p.Type == "date":
		_, ok = dayOf(value)
		code, want = "INVALID_DATE", "a valid date: it is not midnight UTC"
	case p.Type == "datetime":
		_, ok = momentOf(value)
		code, want = "INVALID_DATE", "a valid moment"
	case p.Type == "enumeration" && len(p.Options) > 0:
		ok, code, want = p.chosen(value), "INVALID_OPTION", "one of the allowed options"
	}
	if ok {
		return nil
	}
	return refuse(p.Name, code, value+" was not "+want)
}

// chosen tells whether a value is among the options.
func (p *property) chosen(value string) bool {
	all := []string{value}
	if p.FieldType == checkbox {
		all = strings.Split(strings.TrimPrefix(value, ";"), ";")
	}
	for _, v := range all {
		if !slices.ContainsFunc(p.Options, func(o option) bool { return o.Value == v }) {
			return false
		}
	}
	return true
}

// dayOf reads a date: a day, or midnight UTC in milliseconds.
func dayOf(value string) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, value); err == nil {
		return t, true
	}
	t, ok := momentOf(value)
	return t, ok && t.Equal(t.Truncate(24*time.Hour))
}

// momentOf reads a moment: ISO 8601 to the millisecond, or milliseconds.
func momentOf(value string) (time.Time, bool) {
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), true
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	return t.UTC(), err == nil && t.Equal(t.Truncate(time.Millisecond))
}
