package arch

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Tree is a module's files, parsed.
type Tree struct {
	Module   string // the module's path
	Packages []*Package
	Texts    []Text // every file that is text, Go or not

	fset  *token.FileSet
	bases map[string]bool // the base names of all files
}

// Package is the Go files of one folder.
type Package struct {
	Dir   string // relative to the root; "" for the root itself
	Files []*File
}

// File is one Go file. Line tells where a node is.
type File struct {
	Path  string // relative to the root
	Test  bool   // its name ends in _test.go
	AST   *ast.File
	Lines int
	Line  func(token.Pos) int
}

// Import is one import of a file: its path, the name it has there, its line.
type Import struct {
	Path, Name string
	Line       int
}

// Text is one file's content.
type Text struct {
	Path string
	Data []byte
}

// maxText is the size beyond which a file is data, and its words are not read.
const maxText = 1 << 20

// Load reads a module from its root folder. Folders that the go tool passes
// over, folders named in .gitignore and modules inside the module are left out;
// a Go file that does not parse is an error.
func Load(root fs.FS) (*Tree, error) {
	module, err := modulePath(root)
	if err != nil {
		return nil, err
	}
	t := &Tree{Module: module, fset: token.NewFileSet(), bases: map[string]bool{}}
	skip := ignored(root)
	byDir := map[string]*Package{}
	err = fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return enter(root, p, d.Name(), skip)
		case !d.Type().IsRegular():
			return nil
		}
		return t.add(root, p, byDir)
	})
	if err != nil {
		return nil, fmt.Errorf("read the source tree: %w", err)
	}
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		t.Packages = append(t.Packages, byDir[dir])
	}
	return t, nil
}

// modulePath reads the module line of go.mod.
func modulePath(root fs.FS) (string, error) {
	data, err := fs.ReadFile(root, "go.mod")
	if err != nil {
		return "", fmt.Errorf("read the module's path: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return strings.TrimSpace(rest), nil
		}
	}
	return "", errors.New("read the module's path: go.mod has no module line")
}

// ignored is the folders that .gitignore names plainly ("bin/", "/bin/").
func ignored(root fs.FS) map[string]bool {
	out := map[string]bool{".git": true, "node_modules": true}
	data, err := fs.ReadFile(root, ".gitignore")
	if err != nil {
		return out // a tree without one ignores nothing more
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasSuffix(line, "/") && !strings.ContainsAny(line, "*?[!#") {
			out[strings.Trim(line, "/")] = true
		}
	}
	return out
}

// enter decides whether a folder is walked.
func enter(root fs.FS, p, name string, skip map[string]bool) error {
	if p == "." {
		return nil
	}
	if skip[p] || skip[name] {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(p, "go.mod")); err == nil {
		return fs.SkipDir // a module of its own
	}
	return nil
}

// add reads one file into the tree.
func (t *Tree) add(root fs.FS, p string, byDir map[string]*Package) error {
	t.bases[path.Base(p)] = true
	info, err := fs.Stat(root, p)
	if err != nil {
		return err
	}
	if info.Size() > maxText {
		return nil
	}
	data, err := fs.ReadFile(root, p)
	if err != nil {
		return err
	}
	if bytes.IndexByte(data, 0) < 0 {
		t.Texts = append(t.Texts, Text{Path: p, Data: data})
	}
	if !strings.HasSuffix(p, ".go") || passedOver(path.Dir(p)) {
		return nil
	}
	f, err := t.parse(p, data)
	if err != nil {
		return err
	}
	dir := strings.TrimPrefix(path.Dir(p), ".")
	if byDir[dir] == nil {
		byDir[dir] = &Package{Dir: dir}
	}
	byDir[dir].Files = append(byDir[dir].Files, f)
	return nil
}

// passedOver tells whether the go tool leaves a folder out of "./...".
func passedOver(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool {
		return part == "testdata" || part == "vendor" || strings.HasPrefix(part, "_") ||
			part != "." && strings.HasPrefix(part, ".")
	})
}

// parse reads one Go file's syntax.
func (t *Tree) parse(p string, data []byte) (*File, error) {
	f, err := parser.ParseFile(t.fset, p, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err // it names file, line and column
	}
	return &File{
		Path:  p,
		Test:  strings.HasSuffix(p, "_test.go"),
		AST:   f,
		Lines: bytes.Count(data, []byte("\n")),
		Line:  func(pos token.Pos) int { return t.fset.Position(pos).Line },
	}, nil
}

// Imports lists what the file imports.
func (f *File) Imports() []Import {
	out := make([]Import, 0, len(f.AST.Imports))
	for _, spec := range f.AST.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has checked it
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out = append(out, Import{Path: p, Name: name, Line: f.Line(spec.Pos())})
	}
	return out
}

// inModule gives an import's folder when it belongs to the module.
func (t *Tree) inModule(importPath string) (string, bool) {
	if importPath == t.Module {
		return "", true
	}
	return strings.CutPrefix(importPath, t.Module+"/")
}
