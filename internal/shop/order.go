package shop

import (
	"fmt"
	"time"
)

// firstOrder is the smallest order_id.
const firstOrder = 500_001

// Pence is an amount of money in hundredths, so that no sum is ever rounded.
type Pence int64

// String is the amount as a decimal number with two places: "-12.05".
func (p Pence) String() string {
	sign := ""
	if p < 0 {
		sign, p = "-", -p
	}
	return fmt.Sprintf("%s%d.%02d", sign, p/100, p%100)
}

// Order is one row of the orders file. A zero CustomerID or an empty text is
// NULL there.
type Order struct {
	ID         int64
	CustomerID int64
	Status     string // paid, shipped, cancelled or refunded
	Category   string
	Amount     Pence // below zero when refunded
	Currency   string
	Items      int64
	Note       string
	OrderedAt  time.Time
}

// order makes one row of the first day. The oldest is 540 days old, the newest
// more than an hour; of two orders the later row is the later order.
func (s *Shop) order(i int) Order {
	d := throw(tableOrders, i)
	// Few customers order much: the square leans towards the first ones.
	u := d.upTo(1 << 20)
	buyer := int(int64(u) * int64(u) * Customers >> 40)
	for s.roles[buyer] == noKey || s.roles[buyer] == sharesKey {
		buyer = (buyer + 1) % Customers
	}
	o := s.basket(d, int64(firstOrder+i), int64(firstCustomer+buyer))
	span := 540 * 24 * time.Hour
	o.OrderedAt = s.now.Add(-time.Hour - span + span/Orders*time.Duration(i)).Truncate(time.Second)
	switch {
	case i%(Orders/GuestOrders) == 7:
		o.CustomerID = 0
	case i%(Orders/StrayOrders) == 11:
		o.CustomerID = firstCustomer + 10*Customers + int64(i)
	case i%(Orders/SharedOrders) == 13:
		o.ID-- // that of the row before
	}
	return o
}

// newOrder makes one row of the second day, ordered within its last hour.
func (s *Shop) newOrder(i, buyer int) Order {
	o := s.basket(throw(tableNewOrders, i), int64(firstOrder+Orders+i), int64(firstCustomer+buyer))
	o.Status = "paid"
	o.Amount = max(o.Amount, -o.Amount)
	o.OrderedAt = s.now.Add(-time.Duration(NewOrders-i) * 5 * time.Second)
	return o
}

// basket is what was bought.
func (s *Shop) basket(d *dice, id, customer int64) Order {
	o := Order{
		ID: id, CustomerID: customer,
		Status:   pick(d, []string{"paid", "shipped", "shipped", "shipped", "shipped", "shipped", "shipped", "cancelled", "refunded"}),
		Category: pick(d, []string{"gift", "toys", "garden", "kitchen", "books"}),
		Currency: "GBP",
		Items:    int64(1 + d.upTo(3)*d.upTo(4)),
	}
	o.Amount = Pence(o.Items) * Pence(99+50*d.upTo(60))
	switch {
	case d.upTo(5000) == 0:
		o.Amount, o.Status = 99_999_999, "paid"
	case o.Status == "refunded":
		o.Amount = -o.Amount
	}
	if d.chance(3) {
		o.Note = pick(d, notes)
	}
	return o
}
