package hubspot_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/destinations/hubspot"
)

const settings = "access_token: hidden-token\nbase_url: \"{{address}}\"\n"

func TestExercise(t *testing.T) {
	destinationstest.Exercise(t, destinationstest.Case{Spec: hubspot.Spec, Settings: settings, Secrets: []string{"hidden-token"},
		Object: "contacts", Prepare: people, Key: destinationstest.Email})
}

// people gives contacts the two properties that people of the suite have.
func people(standIn http.Handler) {
	makeProperty(standIn, "contacts", "name", "string", "")
	makeProperty(standIn, "contacts", "visits", "number", "")
}

// makeProperty makes a property through HubSpot's own API; more is added to its description.
func makeProperty(standIn http.Handler, object, name, typ, more string) {
	body := fmt.Sprintf(`{"name":%q,"label":%q,"type":%q,"fieldType":"text","groupName":"more"%s}`, name, name, typ, more)
	w := httptest.NewRecorder()
	standIn.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/crm/v3/properties/"+object, strings.NewReader(body)))
	if w.Code != http.StatusCreated {
		panic(fmt.Sprintf("make %s: %d %s", name, w.Code, w.Body))
	}
}
