package shop

import (
	"fmt"
	"strings"
	"time"
)

// The tables, so that their rows are dealt apart.
const (
	tableRoles = iota + 1
	tableCustomers
	tableOrders
	tableNewOrders
)

// firstCustomer is the smallest customer_id.
const firstCustomer = 10_001

// Customer is one row of the customers file. A nil pointer, a zero ID or an
// empty text is NULL there.
type Customer struct {
	ID        int64
	Email     string
	FirstName string
	LastName  string
	Phone     string // +441632960123
	City      string
	Country   string     // ISO 3166, two letters
	Plan      string     // free, plus, pro or family
	Birthday  *time.Time // a day
	Marketing *bool      // whether news are welcome
	Points    int64
	Balance   Pence
	Note      string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// customer makes one row; i counts from 0 and goes on with those who joined.
func (s *Shop) customer(i int) Customer {
	c := s.ordinary(i)
	switch s.roleOf(i) {
	case noKey:
		c.ID = 0
	case noEmail:
		c.Email = ""
	case sharesKey:
		c.ID = int64(firstCustomer + s.odd[i])
	case sharesEmail:
		c.Email = s.ordinary(s.odd[i]).Email
	case oddName:
		n := s.odd[i]
		c.FirstName, c.LastName = oddNames[n%len(oddNames)].first, oddNames[n%len(oddNames)].last
		c.Note = oddNotes[n%len(oddNotes)]
	}
	if s.second {
		s.edit(&c, i)
	}
	return c
}

// ordinary is a row before its role makes it odd.
func (s *Shop) ordinary(i int) Customer {
	d := throw(tableCustomers, i)
	place := pick(d, places)
	first, last := pick(d, place.first), pick(d, place.last)
	id := int64(firstCustomer + i)
	c := Customer{
		ID: id, FirstName: first.name, LastName: last.name,
		Email:   address(d, first.ascii, last.ascii, id),
		City:    pick(d, place.cities),
		Country: place.country,
		Plan:    pick(d, []string{"free", "free", "free", "free", "plus", "plus", "pro", "family"}),
		Points:  int64(d.upTo(50) * d.upTo(50)),
		Balance: Pence(d.upTo(20_000) * d.upTo(2)),
	}
	age := time.Duration(d.upTo(900*24*3600)) * time.Second
	c.CreatedAt = s.now.Add(-48*time.Hour - age)
	c.UpdatedAt = c.CreatedAt.Add(age / time.Duration(1+d.upTo(9)))
	if !d.chance(18) {
		c.Phone = fmt.Sprintf(place.phone, d.upTo(place.phones))
	}
	if !d.chance(35) {
		day := time.Date(1940+d.upTo(66), time.Month(1+d.upTo(12)), 1+d.upTo(28), 0, 0, 0, 0, time.UTC)
		c.Birthday = &day
	}
	if !d.chance(12) {
		yes := d.chance(64)
		c.Marketing = &yes
	}
	if d.chance(6) {
		c.City = ""
	}
	if d.chance(4) {
		c.Note = pick(d, notes)
	}
	return c
}

// address is an e-mail address that no other customer has.
func address(d *dice, first, last string, id int64) string {
	host := pick(d, hosts)
	switch d.upTo(10) {
	case 0:
		return fmt.Sprintf("%s.%s+shop%d@%s", first, last, id, host)
	case 1:
		return fmt.Sprintf("%s%d@%s", strings.ToUpper(first[:1])+first[1:], id, strings.ToUpper(host[:1])+host[1:])
	case 2:
		return fmt.Sprintf("%s_o'%s.%d@%s", first, last, id, host)
	default:
		return fmt.Sprintf("%s.%s.%d@%s", first, last, id, host)
	}
}

// edit makes the second day's change of a row, if it has one.
func (s *Shop) edit(c *Customer, i int) {
	switch s.roleOf(i) {
	case renamed:
		c.LastName += "-" + surnames[s.odd[i]%len(surnames)]
	case replanned:
		if c.Plan == "pro" {
			c.Plan = "family"
		} else {
			c.Plan = "pro"
		}
	case readdressed:
		c.Email = "new." + c.Email
	default:
		return
	}
	c.UpdatedAt = s.now
}
