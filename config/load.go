package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	"github.com/weir-data/weir/internal/diag"
)

// MainFile is the file that makes a folder a project.
const MainFile = "weir.yml"

// folders hold the rest of a project's files.
var folders = []string{"models", "destinations", "syncs", "tests"}

// maxFile is how large a file may be, in bytes: what people write is far smaller.
const maxFile = 8 << 20

// Files are a project's files as nodes.
type Files struct {
	Dir  string
	List []*File // weir.yml first, then by path
}

// Load reads a project's folder. Every file is read, whatever is wrong with
// another; what cannot be read or is not YAML is told and has no root.
func Load(dir string) (*Files, []diag.Finding) {
	var found diag.Findings
	files := &Files{Dir: dir}
	if !isProject(dir, &found) {
		return files, found.Sorted()
	}
	for _, path := range list(dir, &found) {
		f := &File{Path: path}
		files.List = append(files.List, f)
		text, err := read(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			found.Add(diag.Finding{Code: "project.unreadable", Place: diag.Place{File: path}, Message: "the file cannot be read: " + reason(err), Hint: "mend that, or take the file away"})
			continue
		}
		f.parse(text, &found)
	}
	return files, found.Sorted()
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("it has %d bytes, and at most %d are read", info.Size(), maxFile)
	}
	return os.ReadFile(path)
}

// reason is an error of the file system without the path, which is said already.
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
	case errors.Is(err, syscall.ENOTDIR):
		found.Add(diag.Finding{Code: "project.no_folder", Message: fmt.Sprintf("%s is not a folder, and a project is one", dir), Hint: "name the folder that holds weir.yml"})
		return false
	case err != nil:
		found.Add(diag.Finding{Code: "project.unreadable", Message: fmt.Sprintf("the folder %s cannot be read: %s", dir, reason(err)), Hint: "name a folder that this user may read"})
		return false
	}
	what, hint := "is not a Weir project: it has no "+MainFile, "`weir init` makes a project here, `-C DIR` names another folder"
	if len(entries) == 0 {
		what = "is empty"
	}
	for _, e := range entries {
		switch e.Name() {
		case MainFile:
			return true
		case "weir.yaml":
			hint = "rename weir.yaml to " + MainFile
		}
	}
	found.Add(diag.Finding{Code: "project.not_one", Message: fmt.Sprintf("the folder %s %s", dir, what), Hint: hint})
	return false
}

// list is the project's files: weir.yml, then the others sorted. What begins
// with a dot is an editor's, not ours.
func list(dir string, found *diag.Findings) []string {
	out := []string{MainFile}
	for _, sub := range folders {
		root := filepath.Join(dir, sub)
		//nolint:errcheck // the function below returns no error but SkipDir
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			rel, rerr := filepath.Rel(dir, path)
			if rerr != nil {
				rel = path
			}
			rel = filepath.ToSlash(rel)
			if err != nil {
				if path != root || !errors.Is(err, fs.ErrNotExist) {
					found.Add(diag.Finding{Code: "project.unreadable", Place: diag.Place{File: rel}, Message: "the folder cannot be read: " + reason(err), Hint: "mend that, or take it away"})
				}
				return nil
			}
			hidden := strings.HasPrefix(d.Name(), ".")
			if d.IsDir() {
				if hidden {
					return fs.SkipDir
				}
				return nil
			}
			if ext := filepath.Ext(path); !hidden && (ext == ".yml" || ext == ".yaml") {
				out = append(out, rel)
			}
			return nil
		})
	}
	sort.Strings(out[1:])
	return out
}

// Snippets adds the line to every finding that has a place and no line yet,
// and hides what is secret in all of them.
func (fs *Files) Snippets(list []diag.Finding, secrets []string) []diag.Finding {
	for i := range list {
		d := &list[i]
		for _, f := range fs.List {
			if f.Path == d.File && d.Snippet == "" {
				*d = f.WithLine(*d)
			}
		}
		d.Snippet, d.Message, d.Hint = stars(d.Snippet, secrets), Redact(d.Message, secrets), Redact(d.Hint, secrets)
	}
	return list
}
