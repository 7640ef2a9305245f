package webhook_test

import (
	"testing"

	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/destinations/webhook"
)

// secrets of the settings below.
var secrets = []string{"hidden-in-the-path", "hiddenquery", "hidden-bearer", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}

const settings = `
url: "{{address}}/hooks/hidden-in-the-path?token=hiddenquery"
headers: {Authorization: Bearer hidden-bearer}
secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
`

func TestExercise(t *testing.T) {
	destinationstest.Exercise(t, destinationstest.Case{Spec: webhook.Spec, Settings: settings, Secrets: secrets})
}

func TestExerciseSmall(t *testing.T) {
	destinationstest.Exercise(t, destinationstest.Case{Spec: webhook.Spec, Secrets: secrets,
		Settings: settings + "batch_size: 1\nconnections: 1\nrate: 50/s\nmethod: PUT\n"})
}
