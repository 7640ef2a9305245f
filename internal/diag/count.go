package diag

import "strconv"

// Number is a count for people, its thousands apart: 48,210.
func Number[T int | int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	from := 0
	if digits[0] == '-' {
		from = 1
	}
	for at := len(digits) - 3; at > from; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Count is a count and its noun, which is given for one and takes an s for
// more: 1 row, 2 rows, no unit left to guess.
func Count[T int | int64](n T, one string) string { return Number(n) + " " + Word(n, one, one+"s") }

// Word is the word that fits a count: Word(n, "is", "are").
func Word[T int | int64](n T, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
