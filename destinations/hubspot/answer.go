package hubspot

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
)

// HubSpot's categories of errors that mean more than a refusal.
const (
	notFound = "OBJECT_NOT_FOUND"
	conflict = "CONFLICT"
)

// errNoResults says that an answer tells nothing of the records.
func errNoResults(a *destinations.Answer) error {
	why := "the answer tells nothing of the records"
	if !gjson.ValidBytes(a.Body) {
		why = "the answer is not JSON"
	}
	return &destinations.LostError{Code: "no_results", Err: fmt.Errorf("HubSpot answered %d, but %s", a.Code, why)}
}

// errorOf is the error of an answer, by its kind; what HubSpot says of scopes
// and properties is put in words.
func errorOf(a *destinations.Answer) error {
	err := a.Err()
	var refused *destinations.RefusedError
	var auth *destinations.AuthError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &auth):
		if scopes := scopesOf(a.Body); scopes != "" {
			return &destinations.AuthError{Err: fmt.Errorf("HubSpot answered %d: the token lacks scopes (add one of %s to the private app)", a.Code, scopes)}
		}
	case errors.As(err, &refused) && gjson.ValidBytes(a.Body):
		f := faultOf(gjson.ParseBytes(a.Body))
		if f.code != "" {
			refused.Code = f.code
		}
		if len(f.fields) > 0 {
			refused.Field, refused.Message = f.fields[0], f.message
		}
	}
	return err
}

// scopesOf are the scopes that HubSpot says are missing.
func scopesOf(body []byte) string {
	doc := gjson.ParseBytes(body)
	if doc.Get("category").String() != "MISSING_SCOPES" {
		return ""
	}
	var out []string
	for _, path := range []string{"errors.#.context.requiredGranularScopes", "errors.#.context.requiredScopes", "context.requiredGranularScopes"} {
		doc.Get(path).ForEach(func(_, v gjson.Result) bool {
			for _, s := range flat(v) {
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
			return true
		})
	}
	return strings.Join(out, ", ")
}

// flat is the texts in a value, which may be lists of lists.
func flat(v gjson.Result) []string {
	if !v.IsArray() {
		return []string{v.String()}
	}
	var out []string
	v.ForEach(func(_, el gjson.Result) bool {
		out = append(out, flat(el)...)
		return true
	})
	return out
}

// fault is one of HubSpot's errors: why, the properties it names, and words for people.
type fault struct {
	category, code string
	fields         []string
	message        string
}

// faultOf reads an error. Which properties are at fault stands in its context,
// or as a list in its message; what it says of their values is left out,
// because it repeats them.
func faultOf(e gjson.Result) fault {
	f := fault{category: e.Get("category").String(), message: destinations.Redact(e.Get("message").String())}
	why := e.Get("errors.0.code").String()
	text := e.Get("message").String()
	if at := strings.Index(text, "[{"); at >= 0 {
		gjson.Parse(text[at:]).ForEach(func(_, p gjson.Result) bool {
			why = p.Get("error").String()
			f.name(p.Get("name").String())
			return true
		})
	}
	for _, path := range []string{"errors.#.context.propertyName", "errors.#.in", "context.propertyName", "context.properties"} {
		for _, name := range flat(e.Get(path)) {
			f.name(name)
		}
	}
	if why == "" {
		why = e.Get("subCategory").String()
		why = why[strings.LastIndexByte(why, '.')+1:]
	}
	if f.code = word(why); f.code == "" {
		f.code = word(f.category)
	}
	if len(f.fields) > 0 {
		f.message = fmt.Sprintf("HubSpot refuses %s: %s", list(f.fields), strings.ReplaceAll(f.code, "_", " "))
	}
	if f.message == "" {
		f.message = "HubSpot refused the record and did not say why"
	}
	return f
}

func (f *fault) name(property string) {
	if property != "" && len(property) <= 100 && !strings.ContainsAny(property, "@ ") && !slices.Contains(f.fields, property) {
		f.fields = append(f.fields, property)
	}
}

// list is some names in a sentence, the first few of them.
func list(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}

// word is a code in lower case, without anything that is not a letter, digit or underscore.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 60)]
}

// outcome is what an error says of one record.
func (f *fault) outcome(op destinations.Op) destinations.Outcome {
	o := destinations.Outcome{Status: destinations.Rejected, Code: f.code, Message: f.message}
	if len(f.fields) > 0 {
		o.Field = f.fields[0]
	}
	switch {
	case f.category == notFound && op != destinations.OpInsert:
		o.Status, o.Code = destinations.Missing, "missing"
		o.Message = "HubSpot has no such record any more: it was archived"
	case f.category == conflict && op == destinations.OpInsert:
		o.Status, o.Code, o.Message = destinations.Exists, "exists", "HubSpot has such a record already"
	case f.category == "RATE_LIMITS" || f.category == "INTERNAL_ERROR":
		o.Status = destinations.Later
	}
	return o
}

// read says of each record of a step what the answer tells. An answer may tell
// of a record by the mark that was sent with it, by its id, or by its match.
func (d *delivery) read(list []int, a *destinations.Answer, created bool) error {
	if err := errorOf(a); err != nil {
		return d.refused(list, a, err)
	}
	doc := gjson.ParseBytes(a.Body)
	results, faults := doc.Get("results"), doc.Get("errors")
	if !gjson.ValidBytes(a.Body) || !results.IsArray() && !faults.IsArray() {
		return errNoResults(a)
	}
	at := d.places(list)
	told := 0
	results.ForEach(func(_, r gjson.Result) bool {
		told++
		if i, ok := at.find(r, d.match); ok {
			d.accept(i, r, created)
		}
		return true
	})
	var stray []fault
	faults.ForEach(func(_, e gjson.Result) bool {
		f := faultOf(e)
		hit := false
		for _, i := range at.named(e.Get("context")) {
			if d.out[i].Status == 0 {
				d.out[i] = f.outcome(d.b.Op(i))
			}
			hit, told = true, told+1
		}
		if !hit {
			stray = append(stray, f)
		}
		return true
	})
	return d.rest(list, told, stray, a)
}

// accept is a record that HubSpot wrote.
func (d *delivery) accept(i int, r gjson.Result, created bool) {
	o := destinations.Outcome{Status: destinations.Accepted, RemoteID: r.Get("id").String(), Created: destinations.CreatedNo}
	if isNew := r.Get("new"); created || isNew.Bool() {
		o.Created = destinations.CreatedYes
	}
	if d.ids[i] != "" && o.RemoteID != "" && o.RemoteID != d.ids[i] {
		o.Code, o.Message = "merged", "HubSpot has merged this record into another, and wrote that one"
	}
	d.out[i] = o
}

// rest says what became of the records that an answer does not name. Where all
// were written that is clear; where an error belongs to nobody the batch is
// halved until it does, except of records that may be made only once.
func (d *delivery) rest(list []int, told int, stray []fault, a *destinations.Answer) error {
	var left []int
	for _, i := range list {
		if d.out[i].Status == 0 {
			left = append(left, i)
		}
	}
	switch {
	case len(left) == 0:
		return nil
	case len(stray) == 0 && told >= len(list):
		for _, i := range left {
			d.out[i].Status = destinations.Accepted
		}
		return nil
	case len(stray) == 0 && len(left) == len(list):
		return errNoResults(a)
	case len(stray) > 0 && len(list) == 1:
		d.out[left[0]] = stray[0].outcome(d.b.Op(left[0]))
		return nil
	case len(stray) > 0 && d.b.Op(left[0]) != destinations.OpInsert:
		return &destinations.RefusedError{Code: stray[0].code, Message: stray[0].message}
	}
	for _, i := range left {
		d.out[i] = destinations.Outcome{Status: destinations.Unknown, Code: "no_results", Message: "HubSpot answered, and did not say what became of this record"}
	}
	return nil
}

// refused reads a refusal of a request as a whole. Where it names properties
// that every record carries, halving would find nothing: all are refused.
func (d *delivery) refused(list []int, a *destinations.Answer, err error) error {
	var refused *destinations.RefusedError
	if !errors.As(err, &refused) || !gjson.ValidBytes(a.Body) {
		return err
	}
	f := faultOf(gjson.ParseBytes(a.Body))
	if len(list) == 1 && (f.category == notFound || f.category == conflict && a.Code == http.StatusConflict) {
		d.out[list[0]] = f.outcome(d.b.Op(list[0]))
		return nil
	}
	if f.code != "property_doesnt_exist" || len(f.fields) == 0 {
		return err
	}
	for _, i := range list {
		if !d.carries(i, f.fields) {
			return err
		}
	}
	for _, i := range list {
		d.out[i] = f.outcome(d.b.Op(i))
	}
	return nil
}

// carries tells whether record i sets one of these properties.
func (d *delivery) carries(i int, names []string) bool {
	for name := range destinations.Members(d.fields(i)) {
		if slices.Contains(names, string(name)) {
			return true
		}
	}
	return slices.Contains(names, d.match)
}
