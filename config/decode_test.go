package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
)

// decode decodes one file by fields.
func decode(t *testing.T, text string, fields []config.Field, env map[string]string) (*config.Section, *config.Decoder, []diag.Finding) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.MainFile), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	files, found := config.Load(dir)
	if len(found) > 0 {
		t.Fatalf("load: %v", found)
	}
	d := &config.Decoder{File: files.List[0], Dir: dir, Found: &diag.Findings{}, Lookup: func(n string) (string, bool) { v, ok := env[n]; return v, ok }}
	s := d.Section(files.List[0].Root, fields, "it")
	return s, d, d.Found.Sorted()
}

var everyKind = []config.Field{
	{Name: "text", Kind: config.String, Vars: true, Default: "x"},
	{Name: "int", Kind: config.Int, Default: "7"},
	{Name: "bool", Kind: config.Bool, Default: "true"},
	{Name: "dur", Kind: config.Duration, Default: "90d"},
	{Name: "share", Kind: config.Share, Default: "50%"},
	{Name: "scalar", Kind: config.Scalar},
	{Name: "any", Kind: config.Any},
	{Name: "object", Kind: config.Object, Short: "a", Fields: []config.Field{{Name: "a", Kind: config.Int}, {Name: "b", Kind: config.String, Default: "bee"}}},
	{Name: "list", Kind: config.List, Of: &config.Field{Name: "list", Kind: config.String}},
	{Name: "map", Kind: config.Map, Of: &config.Field{Name: "map", Kind: config.Int}},
	{Name: "secret", Kind: config.String, Secret: true, Vars: true},
}

func TestSectionValues(t *testing.T) {
	s, _, found := decode(t, `
text: 2024-01-01
int: 010
bool: false
dur: 1h30m
share: 0.25
scalar: null
any: [1, {a: b}]
object: 5
list: one
map: {z: 1, a: 2}
`, everyKind, nil)
	if len(found) > 0 {
		t.Fatalf("findings: %v", found)
	}
	if s.Text("text") != "2024-01-01" || s.Int("int") != 10 || s.Bool("bool") || s.Dur("dur") != 90*time.Minute || s.Value("share").Share != 0.25 {
		t.Errorf("scalars: %q %d %v %v %v", s.Text("text"), s.Int("int"), s.Bool("bool"), s.Dur("dur"), s.Value("share").Share)
	}
	if s.Section("object").Int("a") != 5 || s.Section("object").Text("b") != "bee" {
		t.Errorf("the short form of an object is not read")
	}
	if d := cmp.Diff([]string{"one"}, s.Texts("list")); d != "" {
		t.Error(d)
	}
	if p := s.Pairs("map"); len(p) != 2 || p[0].Name != "z" || p[1].Value.Int != 2 {
		t.Errorf("a map keeps the order written: %v", p)
	}
	if !s.IsSet("int") || s.IsSet("secret") {
		t.Error("IsSet")
	}
	if at := s.At("bool"); at.Line != 4 || at.Col != 7 || at.End != 12 {
		t.Errorf("place %v", at)
	}
}

func TestSectionDefaults(t *testing.T) {
	s, _, found := decode(t, "scalar: 1\n", everyKind, nil)
	if len(found) > 0 {
		t.Fatalf("findings: %v", found)
	}
	if s.Text("text") != "x" || s.Int("int") != 7 || !s.Bool("bool") || s.Dur("dur") != 90*24*time.Hour || s.Value("share").Share != 0.5 || s.IsSet("int") {
		t.Error("defaults are not filled in")
	}
	if s.Section("object") != nil || s.Section("object").Text("a") != "" || s.Section("object").At("a").Line != 0 {
		t.Error("a section that is absent has no values")
	}
	if s.At("int") != s.Place {
		t.Error("the place of what is not written is the section's")
	}
}

func TestUndeclaredKeyPanics(t *testing.T) {
	s, _, _ := decode(t, "{}\n", everyKind, nil)
	defer func() {
		if recover() == nil {
			t.Error("a key that is not declared must panic: it is our own slip")
		}
	}()
	s.Text("nosuch")
}

func TestVariables(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	if err := os.WriteFile(path, []byte("from file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"A": "a", "EMPTY": "", "API_TOKEN": "tok-12345"}
	for _, c := range []struct{ in, want, unset string }{
		{"${A}", "a", ""},
		{"x${A}y${A}", "xaya", ""},
		{"${NONE:-d}", "d", ""},
		{"${EMPTY:-d}", "d", ""},
		{"${NONE:-}", "", ""},
		{"${NONE}", "", "NONE"},
		{"${EMPTY}", "", "EMPTY"},
		{"$${A}", "${A}", ""},
		{"$A $", "$A $", ""},
		{"$$$${A}", "$${A}", ""},
		{"${file:" + path + "}", "from file", ""},
		{"${API_TOKEN}", "tok-12345", ""},
	} {
		s, d, found := decode(t, "text: '"+c.in+"'\n", everyKind, env)
		if s.Text("text") != c.want || len(found) > 0 {
			t.Errorf("%s = %q (%v), want %q", c.in, s.Text("text"), found, c.want)
		}
		if (len(d.Unset) == 1) != (c.unset != "") || c.unset != "" && d.Unset[0].Name != c.unset {
			t.Errorf("%s: unset %v, want %q", c.in, d.Unset, c.unset)
		}
		hides := strings.Contains(c.in, "file:") || strings.Contains(c.in, "TOKEN")
		if hides != (len(d.Secrets) == 1) {
			t.Errorf("%s: secrets %d", c.in, len(d.Secrets))
		}
	}
}

func TestVariableFileTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, d, _ := decode(t, "text: ${file:"+path+"}\n", everyKind, nil)
	if len(d.Unset) != 1 || !strings.Contains(d.Unset[0].Reason, "larger") {
		t.Errorf("unset %v", d.Unset)
	}
}

// TestNothingPrintsSecrets: however a section is printed, its values stay in.
func TestNothingPrintsSecrets(t *testing.T) {
	const secret = "hunter2-and-more"
	s, d, _ := decode(t, "secret: "+secret+"\n", everyKind, nil)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "section", s, "value", s.Value("secret"))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "section", s, "value", s.Value("secret"))
	for _, v := range []any{s, s.Value("secret")} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(text)
		fmt.Fprintf(&log, "%v %+v %#v %s %q %d", v, v, v, v, v, v)
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the secret is shown: %s", log.String())
	}
	if got := config.Redact("password "+secret+" refused", d.Secrets); got != "password *** refused" {
		t.Errorf("Redact: %q", got)
	}
}

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		text    string
		secrets []string
		want    string
	}{
		{"a abcd b", []string{"abcd"}, "a *** b"},
		{"abcdef abcd", []string{"abcd", "abcdef"}, "*** ***"},
		{"abc", []string{"abc"}, "abc"}, // too short: it would hide parts of words
		{"", []string{"abcd"}, ""},
		{"x", nil, "x"},
	} {
		if got := config.Redact(c.text, c.secrets); got != c.want {
			t.Errorf("Redact(%q, %v) = %q, want %q", c.text, c.secrets, got, c.want)
		}
	}
}

// TestSnippetsHideSecrets: a line that is shown hides values named like secrets.
func TestSnippetsHideSecrets(t *testing.T) {
	for in, want := range map[string]string{
		`  access_token: pat-123`:            `  access_token: *******`,
		`{token: "a, b", x: 1}`:              `{token: ******, x: 1}`,
		`{token: abc, api-key: def}`:         `{token: ***, api-key: ***}`,
		`password: 'a b' # c`:                `password: ***** # c`,
		`token: ${TOKEN}`:                    `token: ${TOKEN}`,
		`token: "${file:/run/secrets/x}"`:    `token: "${file:/run/secrets/x}"`,
		`token: ${TOKEN:-hunter2}`:           `token: *****************`,
		`token: a,b}c#d # e`:                 `token: ******* # e`,
		`primary_key: order_id`:              `primary_key: order_id`,
		`headers: {Authorization: Bearer x}`: `headers: {Authorization: ********}`,
		`secret:`:                            `secret:`,
		`secret: |`:                          `secret: |`,
	} {
		f := &config.File{Path: "a.yml", Lines: []string{in}}
		got := f.WithLine(diag.Finding{Place: diag.Place{Line: 1}}).Snippet
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"15m": 15 * time.Minute, "6h": 6 * time.Hour, "1h30m": 90 * time.Minute, "90d": 90 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "0d": 0, "0": 0, "10ms": 10 * time.Millisecond,
		"": -1, "d": -1, "1": -1, "-1d": -1, "-1h": -1, "+1h": -1, "+1d": -1, "1.5d": -1, "1d12h": -1, "99999999999d": -1, "9223372036854775807w": -1, "1y": -1, "ten": -1, "999999999h": -1,
	} {
		got, ok := config.ParseDuration(in)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("ParseDuration(%q) = %v, %v", in, got, ok)
		}
	}
}

func TestParseShare(t *testing.T) {
	for in, want := range map[string]float64{
		"10%": 0.1, "0.1": 0.1, "0": 0, "1": 1, "100%": 1, "2.5%": 0.025,
		"": -1, "%": -1, "101%": -1, "1.1": -1, "-1%": -1, "NaN": -1, "Inf": -1, "ten": -1,
	} {
		got, ok := config.ParseShare(in)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("ParseShare(%q) = %v, %v", in, got, ok)
		}
	}
}
