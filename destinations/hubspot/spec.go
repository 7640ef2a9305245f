// Package hubspot keeps contacts, companies, deals and custom objects of a
// HubSpot account equal to rows. A record that HubSpot's own id is known of is
// written by that id, any other by one property with unique values; both in
// batches of 100.
package hubspot

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
)

// customObject is what custom objects are called: HubSpot's id of the type, or
// its full or short name.
const customObject = `2-[0-9]+|p[0-9]*_[A-Za-z0-9_]+`

// Spec is HubSpot as a destination.
var Spec = destinations.Spec{
	Type:  "hubspot",
	Label: "HubSpot",
	Doc:   "Contacts, companies, deals and custom objects of a HubSpot account. How records are found, values are written and limits are kept is in [hubspot.md](hubspot.md).",
	Fields: []config.Field{
		{Name: "access_token", Kind: config.String, Required: true, Vars: true, Secret: true, Example: `"${HUBSPOT_TOKEN}"`, Doc: "The access token of a private app or a service key. Which scopes it needs is in hubspot.md."},
		{Name: "plan", Kind: config.String, Default: "starter", Enum: []string{"free", "starter", "professional", "enterprise"}, Doc: "The account's subscription: it decides how many requests HubSpot takes."},
		{Name: "rate", Kind: config.String, Default: "90%", Example: "50%", Doc: "The share of the plan's requests that may be used, to leave room for others on the same token; or a number of requests per ten seconds, like 150/10s."},
		{Name: "connections", Kind: config.Int, Default: "4", Doc: "Requests at once."},
		{Name: "timeout", Kind: config.Duration, Default: "30s", Doc: "How long one attempt may take."},
		{Name: "version", Kind: config.String, Default: "v3", Example: "2026-03", Doc: "The version of HubSpot's API: v3, or the date of a newer one."},
		{Name: "base_url", Kind: config.String, Default: "https://api.hubapi.com", Vars: true, Doc: "Where HubSpot's API is."},
		{Name: "properties", Kind: config.List, Doc: "Custom properties that the account has. The sandbox makes them, since it knows HubSpot's own only; a real account is asked for what it has.",
			Of: &config.Field{Name: "property", Kind: config.Object, Doc: "One custom property.", Fields: propertyFields()}},
	},
	Objects: objects(),
	Rename:  true,
	Limits:  limitsOf,
	Open:    open,
	Sandbox: func(string) destinations.Sandbox { return NewSandbox() },
}

func propertyFields() []config.Field {
	return []config.Field{
		{Name: "object", Kind: config.String, Required: true, Example: "contacts", Doc: "Which object has it."},
		{Name: "name", Kind: config.String, Required: true, Example: "lifetime_value", Doc: "Its internal name."},
		{Name: "type", Kind: config.String, Default: "string", Enum: []string{"string", "number", "bool", "date", "datetime", "enumeration"}, Doc: "Its type, in HubSpot's words."},
		{Name: "unique", Kind: config.Bool, Default: "false", Doc: "Its values are unique, so that records can be found by it."},
		{Name: "multiple", Kind: config.Bool, Default: "false", Doc: "Several of its options may be chosen."},
		{Name: "options", Kind: config.List, Of: &config.Field{Name: "option", Kind: config.String, Doc: "an internal value"}, Example: "[gold, base]", Doc: "The values of an enumeration."},
	}
}

// objects are what a sync may write to. An insert finds nothing, so it can do
// without a match.
func objects() []destinations.Object {
	var out []destinations.Object
	for _, o := range []destinations.Object{
		{Name: "contacts", Doc: "People; found by `email`."},
		{Name: "companies", Doc: "Companies. `domain` is not unique in HubSpot: match by a property of your own that is."},
		{Name: "deals", Doc: "Deals; found by a property of your own with unique values."},
		{Name: "2-… or p…_…", Pattern: customObject, Doc: "A custom object, by the id of its type or its name."},
	} {
		o.Kind, o.MatchFields = destinations.Record, 1
		found, made := o, o
		found.Match = destinations.MatchRequired
		found.Modes = []destinations.Mode{destinations.Upsert, destinations.Update, destinations.Mirror, destinations.Remove}
		made.Match, made.Modes = destinations.MatchOptional, []destinations.Mode{destinations.Insert}
		out = append(out, found, made)
	}
	return out
}

// HubSpot's limits of requests in ten seconds, by plan.
var perTenSeconds = map[string]int{"free": 100, "starter": 100, "professional": 190, "enterprise": 190}

// batchRows is the most records that HubSpot takes in one request.
const batchRows = 100

// limitsOf are what the settings say about how to send.
func limitsOf(s *config.Section) (destinations.Limits, error) {
	l := destinations.Limits{BatchRows: batchRows, BatchBytes: 8 << 20, Connections: int(s.Int("connections")), Timeout: s.Dur("timeout"),
		Repeatable: true, InsertOnce: true, Wait: waitOf}
	if l.Connections < 1 {
		return l, errors.New("connections must be 1 or more")
	}
	n, err := requestsOf(s.Text("rate"), perTenSeconds[s.Text("plan")])
	if err != nil {
		return l, err
	}
	l.Rates = []destinations.Rate{{Requests: n, Per: 10 * time.Second}}
	return l, nil
}

// requestsOf reads `rate`: a share of most, or so many requests per ten seconds.
func requestsOf(rate string, most int) (int, error) {
	if text, ok := strings.CutSuffix(rate, "%"); ok {
		if share, err := strconv.ParseFloat(text, 64); err == nil && share > 0 && share <= 100 {
			return max(1, int(float64(most)*share/100)), nil
		}
	}
	if text, ok := strings.CutSuffix(rate, "/10s"); ok {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			return n, nil
		}
	}
	return 0, fmt.Errorf("rate %q is neither a share like 50%% nor like 150/10s", rate)
}

// versions are what a version of the API is called.
var versions = regexp.MustCompile(`^(v3|20[0-9]{2}-[0-9]{2}(-beta)?)$`)

// open makes the adapter from its settings.
func open(s *config.Section, env destinations.Env) (destinations.Opened, error) {
	limits, err := limitsOf(s)
	if err != nil {
		return destinations.Opened{}, err
	}
	h := &HubSpot{client: env.Client, base: strings.TrimSuffix(s.Text("base_url"), "/"), version: s.Text("version"), sandboxed: env.Sandboxed}
	u, err := url.Parse(h.base)
	if env.Sandboxed && (err != nil || u.Host == "") {
		h.base = "https://api.hubapi.com" // the target is not live: the address may be unset
		u, err = url.Parse(h.base)
	}
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return destinations.Opened{}, errors.New("base_url is not an address (HubSpot's is https://api.hubapi.com)")
	}
	if !versions.MatchString(h.version) {
		return destinations.Opened{}, fmt.Errorf("version %q is neither v3 nor a date like 2026-03", h.version)
	}
	if !env.Sandboxed {
		h.token = s.Text("access_token")
		if strings.ContainsFunc(h.token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return destinations.Opened{}, errors.New("access_token holds a blank or another character that no token has")
		}
	}
	for _, v := range s.Items("properties") {
		p, err := propertyOf(v.Section)
		if err != nil {
			return destinations.Opened{}, err
		}
		h.custom = append(h.custom, p)
	}
	return destinations.Opened{Destination: h, Limits: limits}, nil
}

func propertyOf(s *config.Section) (property, error) {
	p := property{Object: s.Text("object"), Name: s.Text("name"), Type: s.Text("type"), Label: s.Text("name"), Unique: s.Bool("unique"), FieldType: fieldTypes[s.Text("type")]}
	for _, o := range s.Items("options") {
		p.Options = append(p.Options, option{Label: o.Text, Value: o.Text})
	}
	if s.Bool("multiple") {
		p.FieldType = checkbox
	}
	switch {
	case !knownObject(p.Object):
		return p, fmt.Errorf("properties: %q is no object of HubSpot (contacts, companies, deals, or a custom one like p_cars)", p.Object)
	case (p.Type == "enumeration") != (len(p.Options) > 0):
		return p, fmt.Errorf("properties: %s: options go with type enumeration, and an enumeration has some", p.Name)
	case s.Bool("multiple") && p.Type != "enumeration":
		return p, fmt.Errorf("properties: %s: several values go with type enumeration only", p.Name)
	}
	return p, nil
}

// knownObject tells whether there can be an object of that name.
func knownObject(name string) bool {
	list := objects()
	for i := range list {
		if list[i].Takes(name) {
			return true
		}
	}
	return false
}
