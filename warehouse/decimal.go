package warehouse

import (
	"strconv"
	"strings"
)

// decimalDigits are those before the point of Weir's decimal.
const decimalDigits = 29

// FitsDecimal tells whether each value of a native type, name(width,scale), has
// its place in Weir's decimal. Without a width it is not known to.
func FitsDecimal(native, name string) bool {
	args, ok := strings.CutPrefix(native, name+"(")
	if !ok {
		return false
	}
	width, scale, _ := strings.Cut(strings.TrimSuffix(args, ")"), ",")
	w, err := strconv.Atoi(width)
	s, err2 := strconv.Atoi(scale)
	return err == nil && err2 == nil && w-s <= decimalDigits
}
