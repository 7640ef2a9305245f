package arch

import (
	"fmt"
	"go/ast"
	"slices"
)

// The longest that things may grow, in lines.
const (
	maxFunc = 80  // a function, from its first line to its closing brace
	maxFile = 600 // a file that is not a test
)

// checkMeasures holds a package to its size and its comment. Tests may be longer.
func checkMeasures(p *Package) []Breach {
	var out []Breach
	var own []*File
	for _, f := range p.Files {
		if !f.Test {
			own = append(own, f)
		}
	}
	if len(own) == 0 {
		return nil
	}
	if !slices.ContainsFunc(own, func(f *File) bool { return f.AST.Doc != nil }) {
		out = append(out, Breach{File: own[0].Path, Line: own[0].Line(own[0].AST.Name.Pos()), Rule: "comment",
			Text: fmt.Sprintf("package %s has no package comment: say in a sentence what it is", own[0].AST.Name.Name)})
	}
	if name := own[0].AST.Name.Name; slices.Contains(badNames, name) {
		out = append(out, Breach{File: own[0].Path, Rule: "names",
			Text: fmt.Sprintf("package %s: the name says nothing of what is inside", name)})
	}
	for _, f := range own {
		if f.Lines > maxFile {
			out = append(out, Breach{File: f.Path, Rule: "length",
				Text: fmt.Sprintf("%d lines, at most %d: split it by the nouns in it", f.Lines, maxFile)})
		}
		out = append(out, longFuncs(f)...)
	}
	return out
}

// longFuncs finds the functions of a file that do not fit a screen.
func longFuncs(f *File) []Breach {
	var out []Breach
	for _, d := range f.AST.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := f.Line(fn.End()) - f.Line(fn.Pos()) + 1; n > maxFunc {
			out = append(out, Breach{File: f.Path, Line: f.Line(fn.Pos()), Rule: "length",
				Text: fmt.Sprintf("%s has %d lines, at most %d", fn.Name.Name, n, maxFunc)})
		}
	}
	return out
}

// checkTests looks for tests that wait for the clock.
func checkTests(p *Package) []Breach {
	var out []Breach
	for _, f := range p.Files {
		if !f.Test {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Sleep" {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" && !usesBubble(f) {
				out = append(out, Breach{File: f.Path, Line: f.Line(sel.Pos()), Rule: "sleep",
					Text: "a test sleeps: wait on a channel, or run it in testing/synctest"})
			}
			return true
		})
	}
	return out
}

// usesBubble tells whether a file's tests run on virtual time, where sleeping is free.
func usesBubble(f *File) bool {
	return slices.ContainsFunc(f.Imports(), func(i Import) bool { return i.Path == "testing/synctest" })
}
