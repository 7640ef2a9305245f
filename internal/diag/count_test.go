package diag_test

import (
	"math"
	"testing"

	"github.com/weir-data/weir/internal/diag"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0 rows", 1: "1 row", -1: "-1 rows", 2: "2 rows", 999: "999 rows", 1000: "1,000 rows", -123456: "-123,456 rows", math.MinInt64: "-9,223,372,036,854,775,808 rows"} {
		if got := diag.Count(n, "row"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	if got := diag.Word(1, "is", "are") + " " + diag.Word(0, "is", "are"); got != "is are" {
		t.Error(got)
	}
}
