package arch

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// matches tells whether a folder fits a pattern: a folder, "a/*" for what is
// right below it, "a/..." for it and all below, "..." for everything.
func matches(pattern, dir string) bool {
	if pattern == "..." {
		return true
	}
	if root, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == root || strings.HasPrefix(dir, root+"/")
	}
	if root, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path.Dir(dir) == root
	}
	return pattern == dir
}

func matchesAny(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, dir) })
}

// ruleOf finds the rule of a folder: an exact one before a pattern.
func ruleOf(dir string) (Rule, bool) {
	var found Rule
	var ok bool
	for _, r := range rules {
		if r.Of == dir {
			return r, true
		}
		if matches(r.Of, dir) {
			found, ok = r, true
		}
	}
	return found, ok
}

// checkImports holds a package's own files (not its tests) to the rules.
func checkImports(t *Tree, p *Package) []Breach {
	rule, ok := ruleOf(p.Dir)
	if !ok {
		return []Breach{{File: nameOf(p.Dir), Rule: "imports",
			Text: "no rule says what this package may import: give it a line in internal/arch/rules.go"}}
	}
	var out []Breach
	for _, f := range p.Files {
		if f.Test {
			continue
		}
		for _, imp := range f.Imports() {
			dir, ours := t.inModule(imp.Path)
			if !ours || dir == p.Dir {
				continue
			}
			if why := refuses(rule, p.Dir, dir); why != "" {
				out = append(out, Breach{File: f.Path, Line: imp.Line, Rule: "imports",
					Text: fmt.Sprintf("%s imports %s: %s", nameOf(p.Dir), dir, why)})
			}
		}
	}
	return out
}

// refuses says why a package may not import another; "" = it may.
func refuses(rule Rule, from, to string) string {
	if matchesAny(onlyForTests, to) && !matchesAny(onlyForTests, from) {
		return "it is for test files only"
	}
	if matchesAny(drivers, to) && !matchesAny(onlyForTests, to) && !matchesAny(loaders, from) {
		return "only a command, a benchmark or a test brings in a driver"
	}
	if !matchesAny(rule.May, to) {
		if len(rule.May) == 0 {
			return "it may import nothing of this module"
		}
		return "it may import only " + strings.Join(rule.May, ", ")
	}
	return ""
}

// checkForeign holds other people's libraries to their place.
func checkForeign(t *Tree, p *Package) []Breach {
	var out []Breach
	for _, f := range p.Files {
		for _, imp := range f.Imports() {
			for _, lib := range foreigners {
				if f.Test && !lib.Tests || matchesAny(lib.Only, p.Dir) || !under(imp.Path, lib.Prefix) {
					continue
				}
				out = append(out, Breach{File: f.Path, Line: imp.Line, Rule: "imports",
					Text: fmt.Sprintf("%s imports %s: %s", nameOf(p.Dir), imp.Path, lib.Why)})
			}
		}
	}
	return out
}

// under tells whether an import path is a prefix or lies below it.
func under(importPath, prefix string) bool {
	return importPath == prefix || strings.HasPrefix(importPath, prefix+"/")
}

// checkNames looks for names that a folder must not take from a package it may import.
func checkNames(t *Tree, p *Package) []Breach {
	var out []Breach
	for _, rule := range namings {
		if !matches(rule.In, p.Dir) {
			continue
		}
		for _, f := range p.Files {
			if !f.Test {
				out = append(out, namesIn(t, f, rule)...)
			}
		}
	}
	return out
}

// namesIn finds the forbidden names of one rule in one file, under whatever
// name the file imports the package.
func namesIn(t *Tree, f *File, rule Naming) []Breach {
	var local string
	for _, imp := range f.Imports() {
		if dir, ours := t.inModule(imp.Path); ours && dir == rule.Of {
			local = imp.Name
		}
	}
	if local == "" {
		return nil
	}
	if local == "." {
		return []Breach{{File: f.Path, Rule: "names",
			Text: fmt.Sprintf("%s is imported with a dot, which hides what is used of it", rule.Of)}}
	}
	var out []Breach
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if ok && pkg.Name == local && slices.Contains(rule.Never, sel.Sel.Name) {
			out = append(out, Breach{File: f.Path, Line: f.Line(sel.Pos()), Rule: "names",
				Text: fmt.Sprintf("uses %s.%s: %s", rule.Of, sel.Sel.Name, rule.Why)})
		}
		return true
	})
	return out
}

// nameOf names a folder for people; the root has no name of its own.
func nameOf(dir string) string {
	if dir == "" {
		return "the root folder"
	}
	return dir
}
