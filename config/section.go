package config

import (
	"time"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// Section is one decoded object: values by key, each with its place. It is
// made by Decode from declared Fields, so a getter for a key that was not
// declared panics: that is a fault in Weir, not in the input.
type Section struct {
	Fields []Field
	Place  diag.Place
	values map[string]*Value
}

// Value is one decoded value and its place.
type Value struct {
	Field *Field
	Place diag.Place
	Key   diag.Place // of the key
	Node  *yaml.Node
	Set   bool // written in the file, not a default

	Text    string // scalars: the text, with variables filled in
	Int     int64
	Bool    bool
	Dur     time.Duration
	Share   float64
	Section *Section // Object
	Items   []*Value // List, in order
	Pairs   []Pair   // Map, in order written
}

// Pair is one entry of a Map.
type Pair struct {
	Name  string
	Place diag.Place
	Value *Value
}
