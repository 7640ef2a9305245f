package shop

// Difference is what lies between two days, counted by going through the rows
// one by one: a second opinion that shares nothing with SQL. It speaks of the
// rows that can be told apart: those with a key and an e-mail address that no
// other row of their day has.
type Difference struct {
	Added, Changed, Removed, Unchanged int
}

// Compare counts the customers that differ in any column but updated_at.
func Compare(before, after *Shop) Difference {
	old, now := before.clean(), after.clean()
	var d Difference
	for id, c := range now {
		was, there := old[id]
		switch {
		case !there:
			d.Added++
		case was != c:
			d.Changed++
		default:
			d.Unchanged++
		}
	}
	for id := range old {
		if _, there := now[id]; !there {
			d.Removed++
		}
	}
	return d
}

// clean is the text of each customer who can be told apart, by id.
func (s *Shop) clean() map[int64]string {
	keys, emails := map[int64]int{}, map[string]int{}
	for c := range s.Customers() {
		if c.ID == 0 || c.Email == "" {
			continue
		}
		keys[c.ID]++
		emails[c.Email]++
	}
	out := make(map[int64]string, len(keys))
	for c := range s.Customers() {
		if c.ID == 0 || c.Email == "" || keys[c.ID] > 1 || emails[c.Email] > 1 {
			continue
		}
		var text []byte
		for _, v := range c.record()[:len(customerHeader)-1] {
			text = append(append(text, v...), 0)
		}
		out[c.ID] = string(text)
	}
	return out
}

// Spent is what each customer who can be told apart has spent: the sum of
// their orders that are not cancelled. Customers without any are absent.
func (s *Shop) Spent() map[int64]Pence {
	known := s.clean()
	out := map[int64]Pence{}
	for o := range s.Orders() {
		if _, ok := known[o.CustomerID]; ok && o.Status != "cancelled" {
			out[o.CustomerID] += o.Amount
		}
	}
	return out
}
