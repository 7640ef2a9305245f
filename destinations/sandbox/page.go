package sandbox

import (
	"cmp"
	_ "embed" // the page
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
)

//go:embed page.html
var pageText string

var pageForm = template.Must(template.New("page").Parse(pageText))

// shown is how many records of a destination the page shows.
const shown = 100

// card is one destination on the page.
type card struct {
	State
	Error  string
	Total  int
	Tables []table
	Told   []string // its faults, in words
}

// table is the records of one object.
type table struct {
	Object  string
	Total   int
	Columns []column
	Rows    []row
}

// column is one field; a column of numbers stands to the right.
type column struct {
	Name   string
	Number bool
}

type row struct {
	Match  string
	Writes int
	Cells  []cell
}

type cell struct {
	Text   string
	Number bool
}

func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	var cards []card
	for _, h := range s.list() {
		c := card{State: State{Destination: h.Name, Type: h.Type}}
		if err := h.ready(); err != nil {
			c.Error = err.Error()
		} else {
			c.State = h.state()
			c.Total = len(c.Records)
			c.Tables = tablesOf(c.Records)
			for _, f := range c.Faults {
				c.Told = append(c.Told, f.words())
			}
		}
		cards = append(cards, c)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = pageForm.Execute(w, struct {
		Address string
		Cards   []card
	}{s.found.Address, cards})
}

// tablesOf puts the records of each object in a table, up to shown in all.
func tablesOf(records []destinations.SandboxRecord) []table {
	var out []table
	left := shown
	for from := 0; from < len(records); {
		to := from
		for to < len(records) && records[to].Object == records[from].Object {
			to++
		}
		n := min(left, to-from)
		t := table{Object: cmp.Or(records[from].Object, "requests"), Total: to - from}
		t.fill(records[from : from+n])
		out = append(out, t)
		left -= n
		from = to
	}
	return out
}

// mostColumns is how many fields a table shows.
const mostColumns = 12

func (t *table) fill(records []destinations.SandboxRecord) {
	var names []string
	for i := range records {
		gjson.Parse(records[i].Fields).ForEach(func(name, _ gjson.Result) bool {
			if !slices.Contains(names, name.String()) && len(names) < mostColumns {
				names = append(names, name.String())
			}
			return true
		})
	}
	slices.Sort(names)
	for _, n := range names {
		t.Columns = append(t.Columns, column{Name: n, Number: true})
	}
	for i := range records {
		r := row{Match: matchWords(records[i].Match), Writes: records[i].Writes, Cells: make([]cell, len(names))}
		gjson.Parse(records[i].Fields).ForEach(func(name, v gjson.Result) bool {
			if at := slices.Index(names, name.String()); at >= 0 {
				r.Cells[at].Text = v.String()
				t.Columns[at].Number = t.Columns[at].Number && v.Type == gjson.Number
			}
			return true
		})
		t.Rows = append(t.Rows, r)
	}
	for i := range t.Rows {
		for at := range t.Rows[i].Cells {
			t.Rows[i].Cells[at].Number = t.Columns[at].Number
		}
	}
}

// matchWords is a match as people read it: the values of its members.
func matchWords(match string) string {
	if !strings.HasPrefix(match, "{") {
		return match
	}
	var values []string
	gjson.Parse(match).ForEach(func(_, v gjson.Result) bool {
		values = append(values, v.String())
		return true
	})
	return strings.Join(values, ", ")
}
