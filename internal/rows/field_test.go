package rows

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"
)

// every is one column of each type.
var every = []Column{{"text", Text}, {"int", Int}, {"double", Double}, {"decimal", Decimal}, {"bool", Bool}, {"date", Date}, {"timestamp", Timestamp}, {"json", JSON}, {"list", TextList}}

// cell is a value to append, and the text and JSON it must give.
type cell struct {
	put        func(b *Builder, c int)
	text, json string
}

func dec(s string) func(*Builder, int) {
	return func(b *Builder, c int) {
		if err := b.Decimal(c, s); err != nil {
			panic(err)
		}
	}
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

var cells = map[Type][]cell{
	Text: {{func(b *Builder, c int) { b.Text(c, "") }, "", `""`}, {func(b *Builder, c int) { b.Text(c, "a\"b\\\n\t\x01é😀") }, "a\"b\\\n\t\x01é😀", `"a\"b\\\n\t\u0001é😀"`}, {func(b *Builder, c int) { b.Bytes(c, []byte("\r")) }, "\r", `"\r"`}},
	Int:  {{func(b *Builder, c int) { b.Int(c, 0) }, "0", "0"}, {func(b *Builder, c int) { b.Int(c, math.MinInt64) }, "-9223372036854775808", "-9223372036854775808"}},
	Double: {{func(b *Builder, c int) { b.Double(c, 0.1) }, "0.1", "0.1"}, {func(b *Builder, c int) { b.Double(c, -1e300) }, "-1e+300", "-1e+300"}, {func(b *Builder, c int) { b.Double(c, 3) }, "3", "3"},
		{func(b *Builder, c int) { b.Double(c, math.NaN()) }, "null", "null"}, {func(b *Builder, c int) { b.Double(c, math.Inf(-1)) }, "null", "null"}},
	Decimal: {{dec("12.500000000"), "12.5", "12.5"}, {dec("100"), "100", "100"}, {dec("-0.000000001"), "-0.000000001", "-0.000000001"}, {dec("0"), "0", "0"},
		{dec("99999999999999999999999999999.999999999"), "99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999"}},
	Bool:      {{func(b *Builder, c int) { b.Bool(c, true) }, "true", "true"}, {func(b *Builder, c int) { b.Bool(c, false) }, "false", "false"}},
	Date:      {{func(b *Builder, c int) { b.Date(c, at("1960-02-29T23:00:00Z")) }, "1960-02-29", `"1960-02-29"`}, {func(b *Builder, c int) { b.Date(c, at("9999-12-31T00:00:00Z")) }, "9999-12-31", `"9999-12-31"`}},
	Timestamp: {{func(b *Builder, c int) { b.Time(c, at("1969-12-31T23:59:59.999999Z")) }, "1969-12-31T23:59:59.999999Z", `"1969-12-31T23:59:59.999999Z"`}, {func(b *Builder, c int) { b.Time(c, at("2026-07-01T12:00:00+02:00")) }, "2026-07-01T10:00:00.000000Z", `"2026-07-01T10:00:00.000000Z"`}},
	JSON:      {{func(b *Builder, c int) { b.Text(c, `{"a":[1,null]}`) }, `{"a":[1,null]}`, `{"a":[1,null]}`}, {func(b *Builder, c int) { b.Text(c, "null") }, "null", "null"}},
	TextList:  {{func(b *Builder, c int) { b.List(c, nil) }, "[]", "[]"}, {func(b *Builder, c int) { b.List(c, []string{"x", "", `"`}) }, `["x","","\""]`, `["x","","\""]`}},
}

// cellAt is what row i of column c holds; every third is NULL.
func cellAt(t Type, i int) *cell {
	if i%3 == 2 {
		return nil
	}
	return &cells[t][i%len(cells[t])]
}

func build(n int) *Batch {
	b := NewBuilder(every)
	for i := range n {
		for c, col := range every {
			if v := cellAt(col.Type, i); v != nil {
				v.put(b, c)
			} else {
				b.Null(c)
			}
		}
	}
	return b.Build()
}

// check compares a batch with the rows from the given one on.
func check(t *testing.T, b *Batch, from int) {
	t.Helper()
	for c, col := range every {
		f, ok := b.Field(col.Name)
		if !ok || f != b.At(c) || f.Column != col {
			t.Fatalf("column %s is %+v", col.Name, f)
		}
		for i := range b.Len() {
			v := cellAt(col.Type, from+i)
			text, js := string(f.AppendText(nil, i)), string(f.AppendJSON(nil, i))
			switch {
			case v == nil && (!f.Null(i) || text != "" || js != "null"):
				t.Errorf("%s, row %d: %q and %q, want NULL", col.Name, i, text, js)
			case v != nil && (f.Null(i) || text != v.text || js != v.json):
				t.Errorf("%s, row %d: %q and %q, want %q and %q", col.Name, i, text, js, v.text, v.json)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		b := build(n)
		if b.Len() != n || len(b.Columns()) != len(every) {
			t.Errorf("%d rows, %v", b.Len(), b.Columns())
		}
		check(t, b, 0)
		b.Release()
	}
}

// TestSlices: a batch cut out of another has its own rows, wherever it starts.
func TestSlices(t *testing.T) {
	whole := build(50)
	for _, cut := range [][2]int{{0, 50}, {1, 2}, {3, 20}, {8, 16}, {13, 50}, {49, 50}, {20, 20}} {
		b, err := Wrap(whole.Record().NewSlice(int64(cut[0]), int64(cut[1])))
		if err != nil {
			t.Fatal(err)
		}
		if b.Len() != cut[1]-cut[0] {
			t.Errorf("%v has %d rows", cut, b.Len())
		}
		check(t, b, cut[0])
		b.Release()
	}
	whole.Release()
}

// TestCopy: a value copied to another batch is the same.
func TestCopy(t *testing.T) {
	from := build(30)
	defer from.Release()
	to := NewBuilder(every)
	for i := range from.Len() {
		for c := range every {
			to.Copy(c, from.At(c), i)
		}
	}
	if to.Len() != 30 {
		t.Errorf("%d rows", to.Len())
	}
	b := to.Build()
	check(t, b, 0)
	b.Release()
}

func TestAccessors(t *testing.T) {
	b := build(2)
	defer b.Release()
	if b.Must("int").Int(1) != math.MinInt64 || b.Must("double").Double(0) != 0.1 || !b.Must("bool").Bool(0) || b.Must("text").Text(1) == "" {
		t.Error("a plain accessor gives another value")
	}
	if got := b.Must("timestamp").Time(1); !got.Equal(at("2026-07-01T10:00:00Z")) || got.Location() != time.UTC {
		t.Error(got)
	}
	if got := b.Must("list").List(1); strings.Join(got, "|") != `x||"` {
		t.Error(got)
	}
	if b.Must("date").Days(0) != int32(at("1960-02-29T00:00:00Z").Unix()/86400) {
		t.Error(b.Must("date").Days(0))
	}
	if lo, hi := b.Must("decimal").Decimal(0); lo != 12_500_000_000 || hi != 0 {
		t.Error(lo, hi)
	}
	if _, ok := b.Field("nosuch"); ok {
		t.Error("a column that is not there was found")
	}
	defer func() {
		if recover() == nil {
			t.Error("Must of a column that is not there does not panic")
		}
	}()
	b.Must("nosuch")
}

// TestNullsByOtherNames: what the builder takes for NULL.
func TestNullsByOtherNames(t *testing.T) {
	b := NewBuilder([]Column{{"a", Text}, {"b", Timestamp}})
	b.TextOrNull(0, "")
	b.Time(1, time.Time{})
	b.TextOrNull(0, "x")
	b.Time(1, time.Unix(0, 0))
	got := b.Build()
	defer got.Release()
	if !got.At(0).Null(0) || !got.At(1).Null(0) || got.At(0).Null(1) || got.At(1).Null(1) || got.At(0).Text(0) != "" {
		t.Error("NULL and not NULL are mixed up")
	}
}

// TestWrapRefuses: a type that is not Weir's is a fault of its driver, by name.
func TestWrapRefuses(t *testing.T) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "odd", Type: arrow.PrimitiveTypes.Int16}}, nil))
	defer b.Release()
	if _, err := Wrap(b.NewRecordBatch()); err == nil || !strings.Contains(err.Error(), "odd") || !strings.Contains(err.Error(), "int16") {
		t.Errorf("%v, want an error with column and type", err)
	}
}

func TestParseType(t *testing.T) {
	for _, c := range every {
		if got, ok := ParseType(c.Type.String()); !ok || got != c.Type {
			t.Errorf("%s is read as %s", c.Type, got)
		}
	}
	if got, ok := ParseType("number"); !ok || got != Decimal {
		t.Errorf("number is read as %s", got)
	}
	for _, name := range []string{"", "varchar", "type(0)"} {
		if got, ok := ParseType(name); ok {
			t.Errorf("%q is read as %s", name, got)
		}
	}
	if Type(0).String() != "type(0)" || Type(99).String() != "type(99)" {
		t.Error("a type that is none has a name")
	}
}

// TestRetain: a batch lives until its last holder lets go.
func TestRetain(t *testing.T) {
	b := build(10)
	b.Retain()
	b.Release()
	check(t, b, 0)
	b.Release()
}

// TestJSONOfAnything: whatever the text, JSON reads it back.
func TestJSONOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "texts")
		ints, doubles := rapid.Int64().Draw(t, "int"), rapid.Float64().Draw(t, "double")
		b := NewBuilder([]Column{{"t", Text}, {"l", TextList}, {"i", Int}, {"d", Double}})
		b.Text(0, texts[0])
		b.List(1, texts)
		b.Int(2, ints)
		b.Double(3, doubles)
		batch := b.Build()
		defer batch.Release()
		var text string
		var list []string
		for c, into := range []any{&text, &list} {
			if err := json.Unmarshal(batch.At(c).AppendJSON(nil, 0), into); err != nil {
				t.Fatal(err)
			}
		}
		if text != texts[0] || strings.Join(list, "\x00") != strings.Join(texts, "\x00") {
			t.Fatalf("%q %q, want %q", text, list, texts)
		}
		if got := string(batch.At(2).AppendJSON(nil, 0)); got != strconv.FormatInt(ints, 10) {
			t.Fatal(got)
		}
		if got, err := strconv.ParseFloat(string(batch.At(3).AppendJSON(nil, 0)), 64); err != nil || got != doubles {
			t.Fatal(got, err)
		}
	})
}

// TestAppendAppends: every encoder keeps what is there already.
func TestAppendAppends(t *testing.T) {
	b := build(3)
	defer b.Release()
	for c := range every {
		for i := range b.Len() {
			dst := append(make([]byte, 0, 64), "before"...)
			if !bytes.HasPrefix(b.At(c).AppendJSON(dst, i), []byte("before")) || !bytes.HasPrefix(b.At(c).AppendText(dst, i), []byte("before")) {
				t.Errorf("column %d, row %d", c, i)
			}
		}
	}
	if got := string(AppendString([]byte("x"), []byte("a\xffb"))); got != "x\"a\xffb\"" {
		t.Errorf("%q", got)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	batch := build(2048)
	defer batch.Release()
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = dst[:0]
		for i := range batch.Len() {
			for c := range every {
				dst = batch.At(c).AppendJSON(dst, i)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2048, "ns/row")
}
