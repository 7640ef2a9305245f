package arch

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Word is something that no file of the tree may say.
type Word struct {
	Re  *regexp.Regexp
	Why string
}

// The patterns are put together from pieces, so that this file does not say them.
var words = []Word{
	{regexp.MustCompile(`(?:^|[\s"'` + "`" + `(=:,])(/(?:ho` + `me|Us` + `ers|ro` + `ot|wo` + `rk)/[\w.-]+)`),
		"a path of one machine: make it relative, or find it at run time"},
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X:)`),
		"an unfinished thought: finish it, or write down as a fact what is not built"},
	{regexp.MustCompile(`(?m)^(<{7}|>{7}|={7})(?: |$)`),
		"the mark of an unresolved merge"},
}

// mention is a page named in a Go file.
var mention = regexp.MustCompile(`\b[\w-]+\.md\b`)

// unread are files whose words are not ours.
var unread = map[string]bool{"go.sum": true, "LICENSE": true}

// checkWords looks for forbidden words, and for pages named in code that do not exist.
func checkWords(t *Tree, f Text) []Breach {
	if unread[path.Base(f.Path)] {
		return nil
	}
	var out []Breach
	for i, line := range bytes.Split(f.Data, []byte("\n")) {
		for _, w := range words {
			if m := w.Re.FindSubmatch(line); m != nil {
				out = append(out, Breach{File: f.Path, Line: i + 1, Rule: "words",
					Text: fmt.Sprintf("%q: %s", m[1], w.Why)})
			}
		}
		if !strings.HasSuffix(f.Path, ".go") {
			continue
		}
		for _, m := range mention.FindAll(line, -1) {
			if !t.bases[string(m)] {
				out = append(out, Breach{File: f.Path, Line: i + 1, Rule: "words",
					Text: fmt.Sprintf("names %s, which is not in the tree", m)})
			}
		}
	}
	return out
}
