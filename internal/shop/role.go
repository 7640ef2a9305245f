package shop

// role is what is special about a customer's row.
type role uint8

const (
	plain role = iota
	noKey
	noEmail
	sharesKey   // its key is that of its partner
	sharesEmail // its e-mail address is that of its partner
	partner     // of one that shares
	oddName
	renamed
	replanned
	readdressed
	gone
	reordering
)

// cast gives every customer a role, and those who need one a partner or a number.
func (s *Shop) cast() {
	s.roles = make([]role, Customers)
	s.odd = map[int]int{}
	left := throw(tableRoles, 0).shuffled(Customers)
	take := func(n int, r role) []int {
		taken := left[:n]
		left = left[n:]
		for i, c := range taken {
			s.roles[c] = r
			s.odd[c] = i
		}
		return taken
	}
	pair := func(n int, r role) {
		with := take(n, partner)
		for i, c := range take(n, r) {
			s.odd[c] = with[i]
		}
	}
	take(NoKey, noKey)
	take(NoEmail, noEmail)
	pair(SharedKeys, sharesKey)
	pair(SharedEmails, sharesEmail)
	take(OddNames, oddName)
	take(Renamed, renamed)
	take(Replanned, replanned)
	take(Readdressed, readdressed)
	take(Gone, gone)
	take(Reordering, reordering)
}

// withRole lists the customers of one role, in the order of the file.
func (s *Shop) withRole(r role) []int {
	var out []int
	for i, have := range s.roles {
		if have == r {
			out = append(out, i)
		}
	}
	return out
}

func (s *Shop) roleOf(i int) role {
	if i >= len(s.roles) {
		return plain // joined on the second day
	}
	return s.roles[i]
}
