package main

import (
	"fmt"
	"time"
)

// paintCode is an ANSI style.
type paintCode string

const (
	red    paintCode = "31"
	green  paintCode = "32"
	yellow paintCode = "33"
	blue   paintCode = "36"
	dim    paintCode = "2"
	bold   paintCode = "1"
)

// paint colours text where colours are wanted.
func (a *app) paint(c paintCode, text string) string {
	if !a.color || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// took is a duration for people: 0.4 s, 12 s, 3m20s.
func took(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}
