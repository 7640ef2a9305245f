package diag_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/weir-data/weir/internal/diag"
)

func render(f diag.Finding) string {
	var b bytes.Buffer
	diag.Render(&b, []diag.Finding{f}, false)
	return b.String()
}

func TestRender(t *testing.T) {
	at := func(line, col, end int) diag.Place {
		return diag.Place{File: "a.yml", Line: line, Col: col, End: end}
	}
	long := strings.Repeat("x", 100) + "HERE" + strings.Repeat("y", 100)
	for name, c := range map[string]struct {
		f    diag.Finding
		want []string
	}{
		"all": {diag.Finding{Code: "config.unknown_key", Place: at(4, 3, 13), Message: `no key "destnation"`, Snippet: "  destnation: hubspot",
			Hint: `did you mean "destination"?`, Related: []diag.Place{{File: "b.yml", Line: 2, Col: 5}}},
			[]string{`a.yml:4:3: no key "destnation" [config.unknown_key]`, ``, `   4 |   destnation: hubspot`, `     |   ^^^^^^^^^^`, ``, `also at b.yml:2:5`, `hint: did you mean "destination"?`, ``}},
		"warning":             {diag.Finding{Code: "c", Severity: diag.Warning, Place: at(3, 0, 0), Message: "m"}, []string{`a.yml:3: warning: m [c]`, ``}},
		"error without place": {diag.Finding{Code: "c", Message: "m"}, []string{`error: m [c]`, ``}},
		"no place":            {diag.Finding{Code: "c", Severity: diag.Warning, Message: "m"}, []string{`warning: m [c]`, ``}},
		"no column":           {diag.Finding{Code: "c", Place: at(1, 0, 0), Message: "m", Snippet: "abc"}, []string{`a.yml:1: m [c]`, ``, `   1 | abc`, ``, ``}},
		"tabs":                {diag.Finding{Code: "c", Place: at(1, 2, 3), Message: "m", Snippet: "\tab"}, []string{`a.yml:1:2: m [c]`, ``, "   1 | \tab", "     | \t^", ``, ``}},
		"wide":                {diag.Finding{Code: "c", Place: at(1, 3, 5), Message: "m", Snippet: "日本é語: x"}, []string{`a.yml:1:3: m [c]`, ``, `   1 | 日本é語: x`, `     |     ^^^`, ``, ``}},
		"beyond":              {diag.Finding{Code: "c", Place: at(1, 9, 12), Message: "m", Snippet: "ab"}, []string{`a.yml:1:9: m [c]`, ``, `   1 | ab`, `     |   ^`, ``, ``}},
		"control":             {diag.Finding{Code: "c", Place: at(1, 1, 2), Message: "m", Snippet: "a\x1b[2Jb"}, []string{`a.yml:1:1: m [c]`, ``, "   1 | a\uFFFD[2Jb", `     | ^`, ``, ``}},
		"long":                {diag.Finding{Code: "c", Place: at(1, 101, 105), Message: "m", Snippet: long}, []string{`a.yml:1:101: m [c]`, ``, `   1 | …` + long[60:180] + `…`, `     | ` + strings.Repeat(" ", 41) + `^^^^`, ``, ``}},
		"end before":          {diag.Finding{Code: "c", Place: at(1, 2, 1), Message: "m", Snippet: "abc"}, []string{`a.yml:1:2: m [c]`, ``, `   1 | abc`, `     |  ^`, ``, ``}},
	} {
		if d := cmp.Diff(strings.Join(c.want, "\n"), render(c.f)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestRenderColor(t *testing.T) {
	var b bytes.Buffer
	diag.Render(&b, []diag.Finding{{Code: "c", Message: "m", Hint: "h"}, {Code: "d", Message: "n"}}, true)
	if want := "\x1b[31merror:\x1b[0m m [c]\n\x1b[36mhint:\x1b[0m h\n\n\x1b[31merror:\x1b[0m n [d]\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		got   string
		known []string
		want  string
	}{
		{"destnation", []string{"description", "destination"}, "destination"},
		{"ot", []string{"to", "of"}, "to"},                    // two letters that changed places
		{"form", []string{"from", "forms", "formx"}, "forms"}, // one edit each: by name
		{"Mode", []string{"mode"}, "mode"},
		{"banana", []string{"mode", "to"}, ""},
		{"x", nil, ""},
		{"", []string{"", "a"}, ""},
	} {
		if got, ok := diag.Nearest(c.got, c.known); got != c.want || ok != (c.want != "") {
			t.Errorf("Nearest(%q, %v) = %q, %v; want %q", c.got, c.known, got, ok, c.want)
		}
	}
}

func TestSorted(t *testing.T) {
	var fs diag.Findings
	fs.Append([]diag.Finding{
		{Code: "b", Place: diag.Place{File: "b"}}, {Code: "z", Place: diag.Place{File: "a", Line: 2, Col: 1}},
		{Code: "y", Place: diag.Place{File: "a", Line: 2, Col: 1}}, {Code: "x", Place: diag.Place{File: "a", Line: 1, Col: 9}},
	})
	got := ""
	for _, f := range fs.Sorted() {
		got += f.Code
	}
	if got != "xyzb" || !fs.HasErrors() {
		t.Errorf("sorted %s, errors %v", got, fs.HasErrors())
	}
	if diag.HasErrors([]diag.Finding{{Severity: diag.Warning}}) {
		t.Error("a warning is no error")
	}
}
