package hubspot

import (
	"strconv"

	"github.com/tidwall/gjson"
)

// places finds the record that a part of an answer is about.
type places struct {
	d    *delivery
	list map[int]bool
	by   map[string]int // ids and matches, once they are needed
}

func (d *delivery) places(list []int) *places {
	p := &places{d: d, list: make(map[int]bool, len(list))}
	for _, i := range list {
		p.list[i] = true
	}
	return p
}

// mark is the record that a mark stands for: its place in the batch.
func (p *places) mark(text string) (int, bool) {
	i, err := strconv.Atoi(text)
	return i, err == nil && p.list[i]
}

// find is the record of a result.
func (p *places) find(r gjson.Result, match string) (int, bool) {
	if i, ok := p.mark(r.Get("objectWriteTraceId").String()); ok {
		return i, true
	}
	if i, ok := p.byName("id " + r.Get("id").String()); ok {
		return i, true
	}
	if match == "" {
		return 0, false
	}
	return p.byName("match " + fold(member(r.Get("properties"), match).String()))
}

// byName is the record with an id or a match.
func (p *places) byName(name string) (int, bool) {
	if p.by == nil {
		p.by = make(map[string]int, len(p.list))
		for i := range p.list {
			if p.d.ids[i] != "" {
				p.by["id "+p.d.ids[i]] = i
			}
			if p.d.match != "" {
				p.by["match "+fold(p.d.matchText(i))] = i
			}
		}
	}
	i, ok := p.by[name]
	return i, ok
}

// named are the records that the context of an error names.
func (p *places) named(context gjson.Result) []int {
	var out []int
	for _, text := range flat(context.Get("objectWriteTraceId")) {
		if i, ok := p.mark(text); ok {
			out = append(out, i)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, key := range []string{"ids", "id"} {
		for _, text := range flat(context.Get(key)) {
			if i, ok := p.byName("id " + text); ok {
				out = append(out, i)
			} else if i, ok := p.byName("match " + fold(text)); ok {
				out = append(out, i)
			}
		}
	}
	return out
}
