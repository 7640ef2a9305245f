package shop

// seed is where all of the shop comes from. Another seed is another shop.
const seed = 0x5eed_0f_a_5140_9e37

// dice is a small random source (SplitMix64) of its own, because the standard
// library's may deal other numbers in another release.
type dice struct{ state uint64 }

// throw is the dice of one row of one table: any row can be made without the others.
func throw(table, row int) *dice {
	d := &dice{state: seed ^ uint64(table)<<56 ^ uint64(row)*0xd1342543de82ef95}
	d.next() // spreads neighbouring rows apart
	return d
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// upTo is a number from 0 to n-1.
func (d *dice) upTo(n int) int { return int(d.next() >> 1 % uint64(n)) }

// chance is true in percent of a hundred throws.
func (d *dice) chance(percent int) bool { return d.upTo(100) < percent }

// pick is one of a list.
func pick[T any](d *dice, list []T) T { return list[d.upTo(len(list))] }

// shuffled is the numbers from 0 to n-1 in a random order.
func (d *dice) shuffled(n int) []int {
	out := make([]int, n)
	for i := range out {
		j := d.upTo(i + 1)
		out[i] = out[j]
		out[j] = i
	}
	return out
}
