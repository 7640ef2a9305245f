package warehousetest

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

func hashTopic(s *suite) {
	s.run("pairs that differ", hashDiffers)
	s.run("spread", hashSpread)
	s.run("sums", hashSums)
	s.run("frozen", hashFrozen)
}

// hashDiffers: moving a value or a NULL to another column changes the hash;
// the same values give the same.
func hashDiffers(s *suite) {
	d := s.d
	n := "CAST(NULL AS " + d.TypeNames[rows.Text] + ")"
	all := [][]string{{"'a'", n}, {n, "'a'"}, {n, n}, {"'a'", "''"}, {"''", "'a'"}, {"''", "''"}, {"'ab'", "'c'"}, {"'a'", "'bc'"}, {"'n'", "'v'"}, {"'a'", "'a'"}, {"'b'", "'b'"}, {"''", n}, {n, "''"}}
	exprs := make([]string, 0, 2*len(all))
	for _, pair := range all {
		exprs = append(exprs, d.Hash(pair), d.Hash(pair))
	}
	seen := map[string][]string{}
	got := s.one(exprs...)
	for i, pair := range all {
		h := got[2*i]
		if h == null || h != got[2*i+1] {
			s.Errorf("%v hashes to %s and to %s", pair, h, got[2*i+1])
		}
		if other, ok := seen[h]; ok {
			s.Errorf("%v and %v have one hash", pair, other)
		}
		seen[h] = pair
	}
	for _, t := range types {
		h := d.Hash([]string{d.Hashed("CAST(NULL AS "+d.TypeNames[t]+")", t)})
		if got := s.one(h); got[0] == null {
			s.Errorf("the hash of a NULL %s is NULL", t)
		}
	}
}

// frozenA is the frozen hash of the text a: the last 8 bytes of its MD5 as a
// number, the last byte first, halved.
const frozenA = "3500206983725506968"

// hashFrozen: it has the hash's type, tells texts apart, and keeps NULL.
func hashFrozen(s *suite) {
	d := s.d
	h := func(text string) string { return "CAST(" + d.FrozenHash(text) + " AS " + d.TypeNames[d.HashType] + ")" }
	got := s.one(h("'a'"), h("'a'"), h("'b'"), h("''"), h("CAST(NULL AS "+d.TypeNames[rows.Text]+")"))
	if got[0] == null || got[0] != got[1] || got[0] == got[2] || got[2] == got[3] || got[3] == null || got[4] != null {
		s.Errorf("frozen hashes of a, a, b, nothing and NULL: %v", got)
	}
	if d.HashType == rows.Int && got[0] != frozenA {
		s.Errorf("the frozen hash of a is %s, and %s on other engines", got[0], frozenA)
	}
}

const spread = 100_000

// numbers is a table of the numbers below n.
func (s *suite) numbers(n int) string {
	s.Helper()
	t := s.name()
	if err := s.conn.Load(s.ctx, t, made{cols: []rows.Column{{Name: "i", Type: rows.Int}}, rows: n, fill: func(b *rows.Builder, i int) { b.Int(0, int64(i)) }}); err != nil {
		s.Fatal(err)
	}
	s.dropAfter(t)
	return s.d.Table(t)
}

// hashSpread: no two of many near values meet, and high and low bits are used.
func hashSpread(s *suite) {
	t := s.numbers(spread)
	h := s.d.Hash([]string{"i"})
	got := s.query("SELECT COUNT(DISTINCT h) AS n FROM (SELECT " + h + " AS h FROM " + t + ") AS hashed")
	if got[0][0] != strconv.Itoa(spread) {
		s.Errorf("%d numbers have %s hashes", spread, got[0][0])
	}
	if s.d.HashType != rows.Int {
		return
	}
	bits := new(big.Int)
	for _, row := range s.query("SELECT " + h + " AS h FROM " + t + " WHERE i < 1000") {
		v, _ := new(big.Int).SetString(row[0], 10)
		if v == nil || v.Sign() < 0 {
			s.Fatalf("a hash is %s, want 0 or more", row[0])
		}
		bits.Or(bits, v)
	}
	if bits.BitLen() < 60 {
		s.Errorf("the hashes have %d bits, want 60 or more", bits.BitLen())
	}
}

// hashSums: sum and xor are exact, whatever their size, and NULL over no rows.
func hashSums(s *suite) {
	t := s.numbers(5000)
	h := s.d.Hash([]string{"i"})
	if s.d.HashType != rows.Int {
		got := s.query("SELECT " + s.d.XorText(h) + " AS x, " + s.d.SumText(h) + " AS s FROM " + t)
		again := s.query("SELECT " + s.d.XorText(h) + " AS x, " + s.d.SumText(h) + " AS s FROM " + t)
		if fmt.Sprint(got) != fmt.Sprint(again) {
			s.Errorf("%v, and again %v", got, again)
		}
	} else {
		var xor int64
		sum := new(big.Int)
		for _, row := range s.query("SELECT " + h + " AS h FROM " + t) {
			v, err := strconv.ParseInt(row[0], 10, 64)
			if err != nil {
				s.Fatal(err)
			}
			xor ^= v
			sum.Add(sum, big.NewInt(v))
		}
		got := s.query("SELECT " + s.d.XorText(h) + " AS x, " + s.d.SumText(h) + " AS s FROM " + t)
		if want := []string{strconv.FormatInt(xor, 10), sum.String()}; strings.Join(got[0], " ") != strings.Join(want, " ") {
			s.Errorf("%v, want %v", got[0], want)
		}
	}
	if got := s.query("SELECT " + s.d.XorText(h) + " AS x, " + s.d.SumText(h) + " AS s FROM " + t + " WHERE i < 0"); strings.Join(got[0], " ") != null+" "+null {
		s.Errorf("over no rows: %v", got[0])
	}
}
