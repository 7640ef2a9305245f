package destinations

import "encoding/json"

// member finds one member of a JSON object that Weir itself wrote: no blanks
// between tokens. It reads forward and copies nothing.
func member(object []byte, name string) (json.RawMessage, bool) {
	for k, v := range Members(object) {
		if string(k) == name {
			return v, true
		}
	}
	return nil, false
}

// Members walks the members of a JSON object that Weir itself wrote, in order.
// Names are unescaped only where they hold an escape.
func Members(object []byte) func(yield func(name []byte, value json.RawMessage) bool) {
	return func(yield func([]byte, json.RawMessage) bool) {
		for i := 1; i < len(object) && object[i] == '"'; {
			end := skipString(object, i)
			name := object[i+1 : end-1]
			for _, c := range name {
				if c == '\\' {
					var s string
					if json.Unmarshal(object[i:end], &s) == nil {
						name = []byte(s)
					}
					break
				}
			}
			from := end + 1 // the colon
			to := skipValue(object, from)
			if !yield(name, object[from:to:to]) {
				return
			}
			i = to + 1 // the comma
		}
	}
}

// Elements walks the elements of a JSON array that has no blanks between
// tokens, in order.
func Elements(array []byte) func(yield func(value json.RawMessage) bool) {
	return func(yield func(json.RawMessage) bool) {
		if len(array) < 2 || array[0] != '[' || array[1] == ']' {
			return
		}
		for i := 1; i < len(array); {
			to := skipValue(array, i)
			if !yield(array[i:to:to]) {
				return
			}
			i = to + 1 // the comma
		}
	}
}

func skipString(b []byte, i int) int {
	for i++; i < len(b) && b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}
