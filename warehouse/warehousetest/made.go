package warehousetest

import (
	"fmt"
	"iter"
	"time"

	"github.com/weir-data/weir/internal/rows"
)

// made is a result made in Go: so many rows, each filled by its number.
type made struct {
	cols []rows.Column
	rows int
	fill func(b *rows.Builder, i int)
	fail error // after the last row
}

const madeBatch = 4096

// Columns implements rows.Rows.
func (m made) Columns() []rows.Column { return m.cols }

// Batches implements rows.Rows.
func (m made) Batches() iter.Seq2[*rows.Batch, error] {
	return func(yield func(*rows.Batch, error) bool) {
		b := rows.NewBuilder(m.cols)
		for i := range m.rows {
			m.fill(b, i)
			if b.Len() == madeBatch && !yield(b.Build(), nil) {
				return
			}
		}
		if b.Len() > 0 && !yield(b.Build(), nil) {
			return
		}
		if m.fail != nil {
			yield(nil, m.fail)
		}
	}
}

// batch is a made result as one batch.
func (m made) batch() *rows.Batch {
	b := rows.NewBuilder(m.cols)
	for i := range m.rows {
		m.fill(b, i)
	}
	return b.Build()
}

// everyType is one column of each type, behind a number.
var everyType = []rows.Column{{Name: "i", Type: rows.Int}, {Name: "a_text", Type: rows.Text}, {Name: "a_bigint", Type: rows.Int}, {Name: "a_double", Type: rows.Double},
	{Name: "a_decimal", Type: rows.Decimal}, {Name: "a_bool", Type: rows.Bool}, {Name: "a_date", Type: rows.Date}, {Name: "a_timestamp", Type: rows.Timestamp},
	{Name: "a_json", Type: rows.JSON}, {Name: "a_list", Type: rows.TextList}}

// fillEvery fills a row of everyType: each column is NULL in its own rhythm,
// now and then a whole row is, and texts are short, long and awkward.
func fillEvery(b *rows.Builder, i int) {
	b.Int(0, int64(i))
	day := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%40000)
	set := map[rows.Type]func(c int){
		rows.Text:      func(c int) { b.Text(c, fmt.Sprintf("%s %d", awkwardTexts[i%(len(awkwardTexts)-1)], i)) },
		rows.Int:       func(c int) { b.Int(c, int64(i)*-7_000_000_003) },
		rows.Double:    func(c int) { b.Double(c, float64(i)/7) },
		rows.Decimal:   func(c int) { mustDecimal(b, c, fmt.Sprintf("-%d%09d.%09d", i, i, i)) },
		rows.Bool:      func(c int) { b.Bool(c, i%3 == 0) },
		rows.Date:      func(c int) { b.Date(c, day) },
		rows.Timestamp: func(c int) { b.Time(c, day.Add(time.Duration(i)*time.Microsecond)) },
		rows.JSON:      func(c int) { b.Text(c, fmt.Sprintf(`{"n":%d,"s":"it's \"%d\""}`, i, i)) },
		rows.TextList:  func(c int) { b.List(c, awkwardTexts[:i%5]) },
	}
	for c, col := range everyType {
		switch {
		case c == 0:
		case i%97 == 13 || (i+c)%11 == 0:
			b.Null(c)
		default:
			set[col.Type](c)
		}
	}
}

func mustDecimal(b *rows.Builder, c int, text string) {
	if err := b.Decimal(c, text); err != nil {
		panic(fmt.Sprintf("warehousetest: decimal %s: %v", text, err))
	}
}

// want is row i of everyType as canonical texts.
func want(i int) []string {
	b := rows.NewBuilder(everyType)
	fillEvery(b, i)
	batch := b.Build()
	defer batch.Release()
	out := make([]string, len(everyType))
	for c := range out {
		out[c] = text(batch.At(c), 0)
	}
	return out
}
