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

// value is a key's value; nil where it is neither written nor has a default.
func (s *Section) value(key string) *Value {
	for i := range s.Fields {
		if s.Fields[i].Name == key {
			return s.values[key]
		}
	}
	panic("config: key " + key + " is not declared")
}

// Value is a key's value; nil where it is neither written nor has a default.
func (s *Section) Value(key string) *Value { return s.value(key) }

// IsSet tells whether the key is written in the file.
func (s *Section) IsSet(key string) bool { v := s.value(key); return v != nil && v.Set }

// At is where the key's value stands, or the section where it is not written.
func (s *Section) At(key string) diag.Place {
	if v := s.value(key); v != nil && v.Set {
		return v.Place
	}
	return s.Place
}

// Text is a scalar's text, "" where it is absent.
func (s *Section) Text(key string) string {
	if v := s.value(key); v != nil {
		return v.Text
	}
	return ""
}

// Int is a whole number, 0 where it is absent.
func (s *Section) Int(key string) int64 {
	if v := s.value(key); v != nil {
		return v.Int
	}
	return 0
}

// Bool is a truth value, false where it is absent.
func (s *Section) Bool(key string) bool { v := s.value(key); return v != nil && v.Bool }

// Dur is a time, 0 where it is absent.
func (s *Section) Dur(key string) time.Duration {
	if v := s.value(key); v != nil {
		return v.Dur
	}
	return 0
}

// Section is an object, nil where it is absent.
func (s *Section) Section(key string) *Section {
	if v := s.value(key); v != nil {
		return v.Section
	}
	return nil
}

// Items is a list's items.
func (s *Section) Items(key string) []*Value {
	if v := s.value(key); v != nil {
		return v.Items
	}
	return nil
}

// Texts is a list of texts.
func (s *Section) Texts(key string) []string {
	var out []string
	for _, v := range s.Items(key) {
		out = append(out, v.Text)
	}
	return out
}

// Pairs is a map's entries, in order written.
func (s *Section) Pairs(key string) []Pair {
	if v := s.value(key); v != nil {
		return v.Pairs
	}
	return nil
}
