package warehousetest

import (
	"math"
	"strconv"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// sample is a text that is cast to a type, and the canonical text and JSON of
// what it becomes.
type sample struct {
	t          rows.Type
	from, zone string
	text, json string
}

var samples = []sample{
	{rows.Int, "0", "", "0", "0"},
	{rows.Int, "-9223372036854775808", "", "-9223372036854775808", "-9223372036854775808"},
	{rows.Int, "9223372036854775807", "", "9223372036854775807", "9223372036854775807"},
	{rows.Decimal, "12.50", "", "12.5", "12.5"},
	{rows.Decimal, "100", "", "100", "100"},
	{rows.Decimal, "0", "", "0", "0"},
	{rows.Decimal, "-0.000000001", "", "-0.000000001", "-0.000000001"},
	{rows.Decimal, "99999999999999999999999999999.999999999", "", "99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999"},
	{rows.Decimal, "-99999999999999999999999999999.999999999", "", "-99999999999999999999999999999.999999999", "-99999999999999999999999999999.999999999"},
	{rows.Bool, "true", "", "true", "true"},
	{rows.Bool, "false", "", "false", "false"},
	{rows.Date, "1960-02-29", "", "1960-02-29", `"1960-02-29"`},
	{rows.Date, "0001-01-01", "", "0001-01-01", `"0001-01-01"`},
	{rows.Date, "9999-12-31", "", "9999-12-31", `"9999-12-31"`},
	{rows.Timestamp, "2026-07-01 12:00:00", "", "2026-07-01T12:00:00.000000Z", `"2026-07-01T12:00:00.000000Z"`},
	{rows.Timestamp, "1960-01-01 00:00:00.000001", "", "1960-01-01T00:00:00.000001Z", `"1960-01-01T00:00:00.000001Z"`},
	{rows.Timestamp, "9999-12-31 23:59:59.999999", "", "9999-12-31T23:59:59.999999Z", `"9999-12-31T23:59:59.999999Z"`},
	{rows.Timestamp, "2026-07-01 12:00:00", "Europe/London", "2026-07-01T11:00:00.000000Z", `"2026-07-01T11:00:00.000000Z"`},
	{rows.Timestamp, "2026-01-01 12:00:00", "Europe/London", "2026-01-01T12:00:00.000000Z", `"2026-01-01T12:00:00.000000Z"`},
	{rows.Timestamp, "2026-01-01 12:00:00", "Asia/Kathmandu", "2026-01-01T06:15:00.000000Z", `"2026-01-01T06:15:00.000000Z"`},
	{rows.Timestamp, "2026-07-01T12:00:00Z", "Europe/London", "2026-07-01T12:00:00.000000Z", `"2026-07-01T12:00:00.000000Z"`},
	{rows.Timestamp, "2026-07-01T12:00:00+02:00", "", "2026-07-01T10:00:00.000000Z", `"2026-07-01T10:00:00.000000Z"`},
	{rows.Timestamp, "2026-07-01", "", "2026-07-01T00:00:00.000000Z", `"2026-07-01T00:00:00.000000Z"`},
}

// impossible texts have no place in the type.
var impossible = []sample{
	{t: rows.Int, from: "x"}, {t: rows.Int, from: "9223372036854775808"}, {t: rows.Int, from: ""},
	{t: rows.Decimal, from: "x"}, {t: rows.Decimal, from: "100000000000000000000000000000"}, {t: rows.Double, from: "x"},
	{t: rows.Bool, from: "maybe"}, {t: rows.Date, from: "2026-02-30"}, {t: rows.Date, from: "x"},
	{t: rows.Timestamp, from: "2026-13-01 00:00:00"}, {t: rows.Timestamp, from: "soon", zone: "Europe/London"},
}

func castTopic(s *suite) {
	d, textual := s.d, warehouse.Native("x", rows.Text)
	s.run("values", func(s *suite) {
		var vs []value
		for _, c := range samples {
			what := c.t.String() + " of " + c.from
			cast := d.Cast(d.String(c.from), textual, c.t, c.zone)
			vs = append(vs, value{what + " in the batch", cast, c.text}, value{what + " as text", d.Text(cast, c.t), c.text},
				value{what + " as JSON", d.JSONValue(cast, c.t), c.json}, value{what + ", tried", d.TryCast(d.String(c.from), textual, c.t, c.zone), c.text},
				value{what + " can be said in JSON", truth("(" + d.NotJSON(cast, c.t) + ")"), "false"})
		}
		s.values(vs)
	})
	s.run("what has no place", func(s *suite) {
		var vs []value
		for _, c := range impossible {
			vs = append(vs, value{c.t.String() + " of " + c.from, d.TryCast(d.String(c.from), textual, c.t, c.zone), null})
			if !d.CanFail(textual, c.t) {
				s.Errorf("a cast of text to %s can fail, and the dialect says it cannot", c.t)
			}
			if got, err := s.tryQuery("SELECT " + d.Cast(d.String(c.from), textual, c.t, c.zone) + " AS x"); err == nil {
				s.Errorf("%s of %q is %v, want an error", c.t, c.from, got)
			}
		}
		s.values(vs)
	})
	s.run("NULL stays NULL", func(s *suite) {
		var vs []value
		for _, t := range types {
			n := "CAST(NULL AS " + d.TypeNames[t] + ")"
			same := warehouse.Native("x", t)
			vs = append(vs, value{t.String(), n, null}, value{t.String() + " cast", d.Cast(n, same, t, "Europe/London"), null}, value{t.String() + " as text", d.Text(n, t), null})
			if t == rows.Decimal || t == rows.Text || t == rows.Int || t == rows.Bool {
				if d.CanFail(same, t) {
					s.Errorf("a cast of Weir's own %s cannot fail, and the dialect says it can", t)
				}
			}
		}
		s.values(vs)
	})
	s.run("doubles", doubles)
}

// doubles come back bit by bit, and as JSON numbers that read back the same.
func doubles(s *suite) {
	d := s.d
	for _, x := range []float64{0, 1, -1.5, 0.1, 1e300, 5e-324, math.MaxFloat64, 1e16, 123456789.123456789} {
		cast := d.Cast(d.String(strconv.FormatFloat(x, 'g', -1, 64)), warehouse.Native("x", rows.Text), rows.Double, "")
		for _, got := range s.one(cast, d.JSONValue(cast, rows.Double), d.Text(cast, rows.Double)) {
			if back, err := strconv.ParseFloat(got, 64); err != nil || back != x {
				s.Errorf("%g came back as %s", x, got)
			}
		}
	}
	var vs []value
	for _, name := range []string{"NaN", "Infinity", "-Infinity"} {
		cast := d.Cast(d.String(name), warehouse.Native("x", rows.Text), rows.Double, "")
		vs = append(vs, value{name + " cannot be said in JSON", truth("(" + d.NotJSON(cast, rows.Double) + ")"), "true"})
	}
	s.values(vs)
}
