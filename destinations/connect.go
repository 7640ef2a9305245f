package destinations

import (
	"fmt"

	"github.com/weir-data/weir/config"
)

// Connect opens a destination account from its settings, with its client and
// its Sender. It does not send anything. One account is connected once, and its
// syncs share what comes back.
func Connect(spec *Spec, settings *config.Section, o ClientOptions) (*Sender, Opened, error) {
	client := NewClient(o)
	opened, err := spec.Open(settings, Env{Client: client.HTTP(), Sandboxed: o.Sandbox != nil, Name: o.Name})
	if err != nil {
		return nil, Opened{}, fmt.Errorf("open the destination %s: %w", o.Name, err)
	}
	if o.Sandbox != nil {
		opened.Account = "sandbox:" + o.Name
	}
	client.Limit(opened.Limits)
	return NewSender(opened, client), opened, nil
}
