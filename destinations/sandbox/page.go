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
	Object string
	Total  int
	Names  []string
	Rows   []row
}

type row struct {
	Match  string
	Writes int
	Cells  []string
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

func (t *table) fill(records []destinations.SandboxRecord) {
	for i := range records {
		gjson.Parse(records[i].Fields).ForEach(func(name, _ gjson.Result) bool {
			if !slices.Contains(t.Names, name.String()) && len(t.Names) < 12 {
				t.Names = append(t.Names, name.String())
			}
			return true
		})
	}
	slices.Sort(t.Names)
	for i := range records {
		r := row{Match: matchWords(records[i].Match), Writes: records[i].Writes, Cells: make([]string, len(t.Names))}
		gjson.Parse(records[i].Fields).ForEach(func(name, v gjson.Result) bool {
			if at := slices.Index(t.Names, name.String()); at >= 0 {
				r.Cells[at] = v.String()
			}
			return true
		})
		t.Rows = append(t.Rows, r)
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
