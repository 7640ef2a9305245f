package config

import (
	"fmt"
	"log/slog"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

// shortest is the fewest characters of a value that is hidden wherever it
// turns up: a shorter one would hide parts of ordinary words.
const shortest = 4

// hidden is what stands for a secret.
const hidden = "***"

// Redact puts *** for every secret of at least four characters in a text. It
// is for errors of others, which may repeat what they were given.
func Redact(text string, secrets []string) string {
	return replace(text, secrets, func(string) string { return hidden })
}

// stars hides secrets by as many stars, so that columns stay where they are.
func stars(text string, secrets []string) string {
	return replace(text, secrets, func(s string) string { return strings.Repeat("*", utf8.RuneCountInString(s)) })
}

// replace replaces secrets, longer ones first: one may be part of another.
func replace(text string, secrets []string, with func(string) string) string {
	if text == "" || len(secrets) == 0 {
		return text
	}
	sorted := append([]string(nil), secrets...)
	sort.Slice(sorted, func(i, j int) bool { return len(sorted[i]) > len(sorted[j]) })
	for _, s := range sorted {
		if utf8.RuneCountInString(s) >= shortest {
			text = strings.ReplaceAll(text, s, with(s))
		}
	}
	return text
}

// secretName is how people name what is secret.
var secretName = regexp.MustCompile(`(?i)(token|secret|passw(or)?d|passphrase|credential|authorization|(api|private|access|signing|auth)[_-]?key|\bdsn\b)`)

// secretLine is a key named like a secret, and its value.
var secretLine = regexp.MustCompile(`(?i)((?:token|secret|passw(?:or)?d|passphrase|credential|authorization|(?:api|private|access|signing|auth)[_-]?key)[\w-]*["']?\s*:\s+)("[^"]*"?|'[^']*'?|[^\s\[{|>&*!#,}][^,}#]*)`)

// onlyVariable is a value that is one variable and nothing else.
var onlyVariable = regexp.MustCompile(`^["']?\$\{(?:[A-Za-z0-9_]+|file:[^}]*)\}["']?\s*$`)

// maskLine hides the values of a line whose keys are named like secrets;
// columns stay where they are. A value that is a variable is no secret.
func maskLine(line string) string {
	var b strings.Builder
	from := 0
	for _, m := range secretLine.FindAllStringSubmatchIndex(line, -1) {
		value := line[m[4]:m[5]]
		if onlyVariable.MatchString(value) {
			continue
		}
		b.WriteString(line[from:m[4]])
		b.WriteString(strings.Repeat("*", utf8.RuneCountInString(value)))
		from = m[5]
	}
	return b.String() + line[from:]
}

// String never shows values: some are secret.
func (s *Section) String() string { return "(settings)" }

// Format never shows values, whatever the verb.
func (s *Section) Format(w fmt.State, _ rune) { fmt.Fprint(w, "(settings)") }

// MarshalJSON never shows values.
func (s *Section) MarshalJSON() ([]byte, error) { return []byte(`"(settings)"`), nil }

// LogValue never shows values.
func (s *Section) LogValue() slog.Value { return slog.StringValue("(settings)") }

// Format never shows a value: it may be secret. Read the fields instead.
func (v *Value) Format(w fmt.State, _ rune) { fmt.Fprint(w, "(value)") }

// MarshalJSON never shows a value.
func (v *Value) MarshalJSON() ([]byte, error) { return []byte(`"(value)"`), nil }

// LogValue never shows a value.
func (v *Value) LogValue() slog.Value { return slog.StringValue("(value)") }
