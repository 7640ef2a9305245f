package sandbox_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/destinations/sandbox"
	"github.com/weir-data/weir/destinations/webhook"
)

// BenchmarkDeliver sends a thousand records a request over eight connections:
// to a sink that answers at once, and to the sandbox in memory and with its file.
func BenchmarkDeliver(b *testing.B) {
	b.Run("sink", func(b *testing.B) {
		srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
		defer srv.Close()
		at, err := url.Parse(srv.URL)
		if err != nil {
			b.Fatal(err)
		}
		deliver(b, at)
	})
	for name, memory := range map[string]bool{"memory": true, "file": false} {
		b.Run(name, func(b *testing.B) {
			o := options(b.TempDir())
			o.Memory = memory
			s, err := sandbox.Start(context.Background(), o)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			deliver(b, s.URL())
		})
	}
}

func deliver(b *testing.B, at *url.URL) {
	const size = 1000
	settings := destinationstest.Settings(b, &webhook.Spec, "url: https://crm.example/hook\n")
	limits, err := webhook.Spec.Limits(settings)
	if err != nil {
		b.Fatal(err)
	}
	c := destinations.NewClient(destinations.ClientOptions{Name: "crm", Limits: limits, Sandbox: at})
	defer c.Close()
	o, err := webhook.Spec.Open(settings, destinations.Env{Client: c.HTTP(), Sandboxed: true, Name: "crm"})
	if err != nil {
		b.Fatal(err)
	}
	s := destinations.NewSender(o, c)
	var batches []*destinations.Batch
	for i := range max(1, b.N/size) {
		recs := make([]destinationstest.Rec, size)
		for j := range recs {
			recs[j] = destinationstest.Person(destinations.OpUpsert, i*size+j)
		}
		batches = append(batches, destinationstest.Batch(destinationstest.People(), recs...))
	}
	b.ReportAllocs()
	b.ResetTimer()
	work := make(chan *destinations.Batch)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for batch := range work {
				if out, err := s.Send(context.Background(), batch); err != nil || out[0].Status != destinations.Accepted {
					b.Errorf("%v, %v", out, err)
				}
			}
		})
	}
	for _, batch := range batches {
		work <- batch
	}
	close(work)
	senders.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
