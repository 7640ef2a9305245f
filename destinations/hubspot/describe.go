package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
)

// get asks for something and gives the answer's body.
func (h *HubSpot) get(ctx context.Context, address string) (*destinations.Answer, error) {
	answer, err := h.do(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nothingWritten(err)
	}
	if err := errorOf(answer); err != nil {
		return answer, nothingWritten(err)
	}
	if !gjson.ValidBytes(answer.Body) {
		return answer, nothingWritten(errNoResults(answer))
	}
	return answer, nil
}

// Account implements destinations.Account: it is the portal's id.
func (h *HubSpot) Account(ctx context.Context) (string, error) {
	answer, err := h.get(ctx, h.at("account-info", "details"))
	var auth *destinations.AuthError
	switch {
	case errors.As(err, &auth) && answer != nil && answer.Code == http.StatusForbidden:
		return "", fmt.Errorf("HubSpot does not tell this token which account it belongs to (say `account:` on the destination): %w", err)
	case err != nil:
		return "", fmt.Errorf("ask HubSpot which account this is: %w", err)
	}
	id := gjson.GetBytes(answer.Body, "portalId").Int()
	if id <= 0 {
		return "", errors.New("HubSpot did not say which account this is (say `account:` on the destination)")
	}
	return strconv.FormatInt(id, 10), nil
}

// Check implements destinations.Checker.
func (h *HubSpot) Check(ctx context.Context) error {
	_, err := h.Account(ctx)
	return err
}

// Describe implements destinations.Describer.
func (h *HubSpot) Describe(ctx context.Context, object string) ([]destinations.ObjectInfo, error) {
	if object == "" {
		return h.all(ctx)
	}
	answer, err := h.get(ctx, h.at("properties", url.PathEscape(object)))
	var refused *destinations.RefusedError
	if errors.As(err, &refused) && (answer.Code == http.StatusNotFound || answer.Code == http.StatusBadRequest) {
		return nil, nil // there is no such object
	}
	if err != nil {
		return nil, fmt.Errorf("ask HubSpot for the properties of %s: %w", object, err)
	}
	var list struct{ Results []property }
	if err := json.Unmarshal(answer.Body, &list); err != nil {
		return nil, fmt.Errorf("the properties of %s are not what HubSpot documents: %w", object, err)
	}
	out := destinations.ObjectInfo{Name: object}
	for i := range list.Results {
		if p := &list.Results[i]; !p.Archived {
			out.Fields = append(out.Fields, p.field(object))
		}
	}
	return []destinations.ObjectInfo{out}, nil
}

func (p *property) field(object string) destinations.ObjectField {
	f := destinations.ObjectField{Name: p.Name, Label: p.Label, Type: p.Type, ReadOnly: p.Meta.ReadOnly || p.Computed, Unique: p.unique(object), Takes: p.takes()}
	for _, o := range p.Options {
		f.Options = append(f.Options, o.Value)
	}
	return f
}

// all is every object that a sync can write to. Which custom ones there are, a
// token may not be allowed to see.
func (h *HubSpot) all(ctx context.Context) ([]destinations.ObjectInfo, error) {
	out := []destinations.ObjectInfo{{Name: "contacts", Label: "Contacts"}, {Name: "companies", Label: "Companies"}, {Name: "deals", Label: "Deals"}}
	answer, err := h.get(ctx, h.at("crm-object-schemas", "schemas"))
	if err != nil && answer != nil && answer.Code == http.StatusForbidden {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask HubSpot for its custom objects: %w", err)
	}
	gjson.GetBytes(answer.Body, "results").ForEach(func(_, r gjson.Result) bool {
		name := r.Get("fullyQualifiedName").String()
		if name == "" {
			name = r.Get("objectTypeId").String()
		}
		if name != "" {
			out = append(out, destinations.ObjectInfo{Name: name, Label: r.Get("labels.plural").String()})
		}
		return true
	})
	return out, nil
}

// Prepare implements destinations.Preparer. An account has its properties; the
// sandbox is given those that the settings name, once.
func (h *HubSpot) Prepare(ctx context.Context, object string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.sandboxed || h.prepared[object] {
		return nil
	}
	for i := range h.custom {
		if p := &h.custom[i]; p.Object == object {
			if err := h.makeProperty(ctx, p); err != nil {
				return fmt.Errorf("make property %s of %s in the sandbox: %w", p.Name, object, err)
			}
		}
	}
	if h.prepared == nil {
		h.prepared = map[string]bool{}
	}
	h.prepared[object] = true
	return nil
}

// makeProperty makes a property; one that is there already stays as it is.
func (h *HubSpot) makeProperty(ctx context.Context, p *property) error {
	text, err := json.Marshal(p.asNew())
	if err != nil {
		return err
	}
	body := destinations.NewBody()
	defer body.Release()
	body.B = append(body.B, text...)
	answer, err := h.do(ctx, http.MethodPost, h.at("properties", url.PathEscape(p.Object)), body)
	if err != nil {
		return err
	}
	if answer.Code == http.StatusConflict {
		return nil
	}
	return errorOf(answer)
}
