// Package webhook is the plainest destination: any HTTP endpoint that takes
// JSON, and a good example of an adapter.
package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
)

// Spec is the webhook as a destination.
var Spec = destinations.Spec{
	Type:  "webhook",
	Label: "Webhook",
	Doc:   "Any HTTP endpoint that takes JSON. Records go in batches, signed in the Standard Webhooks form when there is a secret; an idempotency key lets the receiver know a repeat.",
	Fields: []config.Field{
		{Name: "url", Kind: config.String, Required: true, Vars: true, Example: `"https://example.com/hook"`, Doc: "Where requests go."},
		{Name: "method", Kind: config.String, Default: "POST", Enum: []string{"POST", "PUT", "PATCH"}, Doc: "The HTTP method."},
		{Name: "headers", Kind: config.Map, Of: &config.Field{Name: "header", Kind: config.String, Vars: true, Secret: true, Doc: "its value"}, Example: `{Authorization: "Bearer ${TOKEN}"}`, Doc: "Headers of every request."},
		{Name: "secret", Kind: config.String, Vars: true, Secret: true, Example: `"${HOOK_SECRET}"`, Doc: "The key requests are signed with: whsec_ and base64 (Standard Webhooks)."},
		{Name: "batch_size", Kind: config.Int, Default: "1000", Doc: "Records in one request."},
		{Name: "connections", Kind: config.Int, Default: "8", Doc: "Requests at once."},
		{Name: "rate", Kind: config.String, Example: "100/s", Doc: "Requests per second (s), minute (m) or hour (h); without it, as many as the connections allow."},
		{Name: "timeout", Kind: config.Duration, Default: "30s", Doc: "How long one attempt may take."},
		{Name: "repeatable", Kind: config.Bool, Default: "true", Doc: "A request whose answer was lost may be sent again. False writes each record down before it is sent."},
		{Name: "idempotency_key", Kind: config.Bool, Default: "true", Doc: "Send Idempotency-Key and webhook-id, the same for a repeat."},
		{Name: "body", Kind: config.Any, Example: `{id: "{{$key}}", name: "{{name}}"}`, Doc: "A request's body where the usual one does not fit: any value, in which \"{{field}}\", \"{{$key}}\", \"{{$id}}\", \"{{$op}}\", \"{{$match}}\" and \"{{$fields}}\" stand alone as values: all of a record, also where only one field changed. One list marked by \"{{$each}}\" as its first item repeats its second for every record; without one, batch_size is 1."},
		{Name: "results", Kind: config.Object, Doc: "Where the answer tells of single records; `results[]` with id, status, code and field otherwise.", Fields: []config.Field{
			{Name: "path", Kind: config.String, Default: "results", Doc: "The list in the answer, as a path of names with dots."},
			{Name: "id", Kind: config.String, Default: "id", Doc: "Which of its members is the record's id; `index` for one that is its place in the request."},
			{Name: "status", Kind: config.String, Default: "status", Doc: "Which says ok, rejected, missing, exists or later; true and false are ok and rejected."},
			{Name: "code", Kind: config.String, Default: "code", Doc: "Which says why."},
			{Name: "field", Kind: config.String, Default: "field", Doc: "Which names the field at fault."},
			{Name: "message", Kind: config.String, Default: "message", Doc: "Which says it in words."},
		}},
		{Name: "allow_private", Kind: config.Bool, Default: "false", Doc: "Requests may go to private addresses: localhost, 10.x and the like."},
	},
	Objects: []destinations.Object{
		{Doc: "Records, found by their match or key.", Kind: destinations.Record, Match: destinations.MatchOptional,
			Modes: []destinations.Mode{destinations.Upsert, destinations.Update, destinations.Insert, destinations.Mirror, destinations.Remove}},
		{Doc: "Events, each sent once.", Kind: destinations.Event, Match: destinations.MatchNever, Modes: []destinations.Mode{destinations.Append}},
	},
	Rename:  true,
	Limits:  limitsOf,
	Open:    open,
	Sandbox: func(string) destinations.Sandbox { return NewSandbox() },
}

// limitsOf are what the settings say about how to send.
func limitsOf(s *config.Section) (destinations.Limits, error) {
	l := destinations.Limits{BatchRows: int(s.Int("batch_size")), Connections: int(s.Int("connections")), Timeout: s.Dur("timeout"), Repeatable: s.Bool("repeatable"), AllowPrivate: s.Bool("allow_private")}
	if l.BatchRows < 1 || l.Connections < 1 {
		return l, fmt.Errorf("batch_size and connections must be 1 or more")
	}
	if r := s.Text("rate"); r != "" {
		rate, err := parseRate(r)
		if err != nil {
			return l, err
		}
		l.Rates = append(l.Rates, rate)
	}
	return l, nil
}

func parseRate(text string) (destinations.Rate, error) {
	n, unit, ok := strings.Cut(text, "/")
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	v, err := strconv.Atoi(n)
	if !ok || !known || err != nil || v < 1 {
		return destinations.Rate{}, fmt.Errorf("rate %q is not like 100/s, 600/m or 5000/h", text)
	}
	return destinations.Rate{Requests: v, Per: per}, nil
}

// open makes the adapter from its settings.
func open(s *config.Section, env destinations.Env) (destinations.Opened, error) {
	h := &Webhook{client: env.Client, url: s.Text("url"), method: s.Text("method"), header: http.Header{}, idempotent: s.Bool("idempotency_key"), locate: s.IsSet("results")}
	limits, err := limitsOf(s)
	if err != nil {
		return destinations.Opened{}, err
	}
	u, err := url.Parse(h.url)
	if env.Sandboxed && (err != nil || u.Host == "") {
		h.url = "http://sandbox.invalid/" // the target is not live: the address may be unset
		u, err = url.Parse(h.url)
	}
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return destinations.Opened{}, fmt.Errorf("url is not the address of an HTTP endpoint (like https://example.com/hook)")
	}
	if !env.Sandboxed && !limits.AllowPrivate {
		if err := destinations.Near(u.Hostname()); err != nil {
			return destinations.Opened{}, err
		}
	}
	if err := h.headers(s.Pairs("headers"), env.Sandboxed); err != nil {
		return destinations.Opened{}, err
	}
	if err := h.signWith(s.Text("secret"), env.Sandboxed); err != nil {
		return destinations.Opened{}, err
	}
	if v := s.Value("body"); v != nil && v.Node != nil {
		if h.body, err = newTemplate(v.Node); err != nil {
			return destinations.Opened{}, err
		}
		if !h.body.many {
			limits.BatchRows = 1
		}
	}
	h.results = locatorOf(s.Section("results"))
	return destinations.Opened{Destination: h, Account: account(u), Limits: limits}, nil
}

// headers takes the headers of every request; their values are secrets and
// never go to the sandbox.
func (h *Webhook) headers(pairs []config.Pair, sandboxed bool) error {
	for _, p := range pairs {
		if !headerName.MatchString(p.Name) {
			return fmt.Errorf("headers: %q is not the name of a header", p.Name)
		}
		if strings.ContainsFunc(p.Value.Text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("headers: the value of %s holds a line break or another control character", p.Name)
		}
		if !sandboxed {
			h.header.Set(p.Name, p.Value.Text)
		}
	}
	return nil
}

// headerName is what the name of a header may be.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func (h *Webhook) signWith(secret string, sandboxed bool) error {
	if secret == "" || sandboxed {
		return nil
	}
	text, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) == 0 {
		return fmt.Errorf("secret must be whsec_ and base64 (Standard Webhooks)")
	}
	h.key = key
	return nil
}

// account tells endpoints apart without showing their address, which may hold secrets.
func account(u *url.URL) string {
	sum := sha256.Sum256([]byte(u.String()))
	return u.Scheme + "://" + u.Host + "#" + hex.EncodeToString(sum[:8])
}
