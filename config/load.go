package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// MainFile is the file that makes a folder a project.
const MainFile = "weir.yml"

// folders hold the rest of a project's files.
var folders = []string{"models", "destinations", "syncs", "tests"}

// Files are a project's files as nodes, and what was wrong with them.
type Files struct {
	Dir  string
	List []*File
}

// File is one file: its text by lines and its root, nil when it cannot be read.
type File struct {
	Path  string // relative to the project
	Lines []string
	Root  *yaml.Node
}

// Load reads a project's folder. Every file is read, whatever is wrong with another.
func Load(dir string) (*Files, []diag.Finding) {
	var found diag.Findings
	files := &Files{Dir: dir}
	if !isProject(dir, &found) {
		return files, found.Sorted()
	}
	for _, path := range list(dir, &found) {
		f := &File{Path: path}
		files.List = append(files.List, f)
		text, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			found.Add(diag.Finding{Code: "project.unreadable", Place: diag.Place{File: path}, Message: "the file cannot be read: " + reason(err), Hint: "give this user the right to read it"})
			continue
		}
		f.parse(text, &found)
	}
	return files, found.Sorted()
}

func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func isProject(dir string, found *diag.Findings) bool {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found.Add(diag.Finding{Code: "project.no_folder", Message: fmt.Sprintf("there is no folder %s", dir), Hint: "`weir init DIR` makes a project"})
		return false
	case err != nil:
		found.Add(diag.Finding{Code: "project.unreadable", Message: fmt.Sprintf("the folder %s cannot be read: %s", dir, reason(err)), Hint: "give this user the right to read it"})
		return false
	}
	for _, e := range entries {
		if e.Name() == MainFile {
			return true
		}
	}
	what := "is not a Weir project: it has no " + MainFile
	if len(entries) == 0 {
		what = "is empty"
	}
	found.Add(diag.Finding{Code: "project.not_one", Message: fmt.Sprintf("the folder %s %s", dir, what), Hint: "`weir init` makes a project here, `-C DIR` names another folder"})
	return false
}

// list is the project's files, sorted.
func list(dir string, found *diag.Findings) []string {
	out := []string{MainFile}
	for _, sub := range folders {
		err := filepath.WalkDir(filepath.Join(dir, sub), func(path string, d fs.DirEntry, err error) error {
			rel, rerr := filepath.Rel(dir, path)
			if rerr != nil {
				rel = path
			}
			switch {
			case err != nil && errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				found.Add(diag.Finding{Code: "project.unreadable", Place: diag.Place{File: rel}, Message: "cannot be read: " + reason(err), Hint: "give this user the right to read it"})
				return nil
			}
			if ext := filepath.Ext(path); !d.IsDir() && (ext == ".yml" || ext == ".yaml") {
				out = append(out, filepath.ToSlash(rel))
			}
			return nil
		})
		if err != nil {
			found.Add(diag.Finding{Code: "project.unreadable", Place: diag.Place{File: sub}, Message: "cannot be read: " + reason(err)})
		}
	}
	sort.Strings(out[1:])
	return out
}

func (f *File) parse(text []byte, found *diag.Findings) {
	f.Lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if !utf8.Valid(text) {
		found.Add(f.finding("yaml.not_utf8", f.badBytes(), "the file is not UTF-8", "save it as UTF-8"))
		return
	}
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if err.Error() != "EOF" {
			found.Add(f.syntax(err))
		}
		return
	}
	var more yaml.Node
	if dec.Decode(&more) == nil {
		found.Add(f.finding("yaml.documents", diag.Place{Line: more.Line, Col: max(more.Column, 1)}, "the file holds several YAML documents", "keep one a file: take the `---` out"))
		return
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return
	}
	if root.Kind != yaml.MappingNode {
		found.Add(f.finding("yaml.not_mapping", diag.Place{Line: root.Line, Col: root.Column}, "the file must be keys and values, like `sources:`", ""))
		return
	}
	before := len(found.Sorted())
	f.lintNode(root, found)
	if !f.expandable(root) {
		found.Add(f.finding("yaml.alias_bomb", diag.Place{Line: root.Line, Col: root.Column}, fmt.Sprintf("its aliases stand for more than %d values, or for themselves", maxNodes), "write the values out"))
		return
	}
	if len(found.Sorted()) == before {
		f.Root = root
	}
}

// maxNodes is how many values a file may have once its aliases are followed.
const maxNodes = 20_000

// expandable follows aliases and counts; one that contains itself never ends.
func (f *File) expandable(root *yaml.Node) bool {
	n, open := 0, map[*yaml.Node]bool{}
	var walk func(*yaml.Node) bool
	walk = func(node *yaml.Node) bool {
		if n++; n > maxNodes || open[node] {
			return false
		}
		open[node] = true
		defer delete(open, node)
		if node.Kind == yaml.AliasNode {
			return walk(node.Alias)
		}
		for _, c := range node.Content {
			if !walk(c) {
				return false
			}
		}
		return true
	}
	return walk(root)
}

// lintNode finds what yaml.v3 lets pass: a key twice, a merge key.
func (f *File) lintNode(n *yaml.Node, found *diag.Findings) {
	if n.Kind == yaml.MappingNode {
		seen := map[string]*yaml.Node{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if first := seen[k.Value]; first != nil && k.Kind == yaml.ScalarNode {
				d := f.finding("yaml.duplicate_key", f.PlaceOf(k), fmt.Sprintf("the key %q stands twice", k.Value), "keep one of them")
				d.Related = []diag.Place{f.PlaceOf(first)}
				found.Add(d)
			}
			seen[k.Value] = k
			if k.Tag == "!!merge" {
				found.Add(f.finding("yaml.merge", f.PlaceOf(k), "merge keys (<<) are not read", "write the keys out"))
			}
		}
	}
	for _, c := range n.Content {
		f.lintNode(c, found)
	}
}

var yamlLine = regexp.MustCompile(`line (\d+): ?(.*)`)

// syntax says in our words what the YAML parser could not read.
func (f *File) syntax(err error) diag.Finding {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	p, what := diag.Place{Line: 1}, text
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		what = m[2]
	}
	for i, line := range f.Lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if at := strings.IndexByte(indent, '\t'); at >= 0 && i+1 >= p.Line-1 && i <= p.Line {
			return f.finding("yaml.tab", diag.Place{Line: i + 1, Col: at + 1}, "the line is indented with a tab, which YAML does not allow", "use spaces")
		}
	}
	hint := "look at this line and the one before: indentation, a missing colon, an open quote"
	return f.finding("yaml.syntax", p, "this is not YAML: "+what, hint)
}

func (f *File) badBytes() diag.Place {
	for i, l := range f.Lines {
		if !utf8.ValidString(l) {
			return diag.Place{Line: i + 1}
		}
	}
	return diag.Place{}
}

// finding is a finding in this file, with its line.
func (f *File) finding(code string, p diag.Place, message, hint string) diag.Finding {
	p.File = f.Path
	return f.WithLine(diag.Finding{Code: code, Place: p, Message: message, Hint: hint})
}

// WithLine adds the line a finding points to.
func (f *File) WithLine(d diag.Finding) diag.Finding {
	if d.Line > 0 && d.Line <= len(f.Lines) {
		d.Snippet = strings.ToValidUTF8(f.Lines[d.Line-1], "�")
	}
	return d
}

// PlaceOf is where a node stands, and how far it goes on its line.
func (f *File) PlaceOf(n *yaml.Node) diag.Place {
	p := diag.Place{File: f.Path, Line: n.Line, Col: n.Column}
	if n.Kind == yaml.ScalarNode {
		width := utf8.RuneCountInString(n.Value)
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			width += 2
		}
		p.End = n.Column + width
	}
	return p
}

// Snippets adds the line to every finding that has a place and no line yet.
func (fs *Files) Snippets(list []diag.Finding) []diag.Finding {
	for i := range list {
		if list[i].Snippet != "" {
			continue
		}
		for _, f := range fs.List {
			if f.Path == list[i].File {
				list[i] = f.WithLine(list[i])
			}
		}
	}
	return list
}
