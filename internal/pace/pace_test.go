package pace_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/pace"
)

func send(t *testing.T, p *pace.Pacer) {
	t.Helper()
	release, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestRateAndBurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 10, Burst: 5}, time.Now)
		start := time.Now()
		for range 25 {
			send(t, p)
		}
		// Five at once, then twenty at ten a second.
		if took := time.Since(start).Round(time.Millisecond); took != 2*time.Second {
			t.Errorf("25 requests took %v, want 2s", took)
		}
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 1000, Concurrency: 2}, time.Now)
		first, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		send(t, p)
		second, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := p.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("third request got %v, want to wait until the deadline", err)
		}
		first()
		send(t, p)
		second()
	})
}

func TestThrottledHalvesPausesAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 16, Burst: 1}, time.Now)
		send(t, p)
		start := time.Now()
		p.Throttled(3 * time.Second)
		p.Throttled(2 * time.Second) // the same episode: neither a second halving nor a shorter pause
		if got := p.Rate(); got != 8 {
			t.Errorf("rate %v after throttling, want 8", got)
		}
		send(t, p)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the next request went out after %v, want 3s", took)
		}
		p.Succeeded() // too early to rise
		if got := p.Rate(); got != 8 {
			t.Errorf("rate %v three seconds after throttling, want 8", got)
		}
		var rates []float64
		for range 6 {
			time.Sleep(5 * time.Second)
			p.Succeeded()
			rates = append(rates, math.Round(p.Rate()*10)/10)
		}
		want := []float64{9.6, 11.2, 12.8, 14.4, 16, 16}
		for i := range want {
			if rates[i] != want[i] {
				t.Fatalf("rates while recovering %v, want %v", rates, want)
			}
		}
	})
}

func TestRateNeverReachesZero(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 64}, time.Now)
		for range 50 {
			p.Throttled(0)
			time.Sleep(2 * time.Second)
		}
		if got := p.Rate(); got != 1 {
			t.Errorf("rate %v after 50 refusals, want 1", got)
		}
	})
}

func TestAcquireHonoursTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 1, Burst: 1, Concurrency: 1}, time.Now)
		send(t, p)
		p.Throttled(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want the context's error", err)
		}
		cancelled, stop := context.WithCancel(t.Context())
		stop()
		if _, err := p.Acquire(cancelled); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context canceled", err)
		}
		// The slot of the request that gave up is free again.
		send(t, p)
	})
}

// Whoever gives up takes no turn from those who come later.
func TestGivingUpCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 1, Burst: 1}, time.Now)
		send(t, p)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if _, err := p.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's error", err)
			}
			cancel()
		}
		start := time.Now()
		send(t, p)
		if took := time.Since(start); took != 500*time.Millisecond {
			t.Errorf("the next one waited %v, want the rest of its second", took)
		}
	})
}

func TestLimit(t *testing.T) {
	t.Parallel()
	if got, want := (pace.Limit{}).WithDefaults(), (pace.Limit{RequestsPerSecond: 25, Burst: 25, Concurrency: 8}); got != want {
		t.Errorf("defaults %+v, want %+v", got, want)
	}
	for _, bad := range []pace.Limit{{RequestsPerSecond: -1}, {Burst: -1}, {Concurrency: -1}, {RequestsPerSecond: math.NaN()}, {RequestsPerSecond: math.Inf(1)}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

func TestSetLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 10, Burst: 1, Concurrency: 1}, time.Now)
		release, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var waiting sync.WaitGroup
		var in atomic.Int64
		for range 3 {
			waiting.Go(func() {
				done, err := p.Acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				in.Add(1)
				time.Sleep(time.Minute)
				done()
			})
		}
		time.Sleep(10 * time.Second)
		if got := in.Load(); got != 0 {
			t.Errorf("%d requests beside the first one", got)
		}
		// Two of those that wait come in; the third waits for one of them.
		p.SetLimit(pace.Limit{RequestsPerSecond: 20, Burst: 5, Concurrency: 3})
		time.Sleep(10 * time.Second)
		if got := in.Load(); got != 2 {
			t.Errorf("%d requests beside the first one, want 2", got)
		}
		release()
		waiting.Wait()
		if got, want := p.Limit(), (pace.Limit{RequestsPerSecond: 20, Burst: 5, Concurrency: 3}); got != want || p.Rate() != 20 {
			t.Errorf("limit %+v at %v, want %+v", got, p.Rate(), want)
		}
		// Fewer at a time: nobody is thrown out, and the next one waits.
		one, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.SetLimit(pace.Limit{RequestsPerSecond: 20, Burst: 5, Concurrency: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := p.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want to wait", err)
		}
		one()
		send(t, p)
		// A target that is slowed down stays so, in proportion.
		p.Throttled(0)
		p.SetLimit(pace.Limit{RequestsPerSecond: 100})
		if got := p.Rate(); got != 50 {
			t.Errorf("rate %v after throttling and a limit of 100, want 50", got)
		}
	})
}

func TestTurnsComeInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 1000, Concurrency: 1}, time.Now)
		release, err := p.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var order []int
		var all sync.WaitGroup
		for i := range 4 {
			ctx := t.Context()
			if i == 1 {
				ctx = impatient
			}
			all.Go(func() {
				done, err := p.Acquire(ctx)
				if err != nil {
					return
				}
				order = append(order, i)
				done()
			})
			synctest.Wait()
		}
		time.Sleep(2 * time.Second)
		release()
		all.Wait()
		if !slices.Equal(order, []int{0, 2, 3}) {
			t.Errorf("turns came in the order %v", order)
		}
	})
}

func TestSuspended(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(pace.Limit{RequestsPerSecond: 1000}, time.Now)
		if p.Suspended() > 0 {
			t.Error("suspended from the start")
		}
		p.Suspend(time.Hour)
		p.Suspend(time.Minute) // a shorter pause does not end a longer one
		time.Sleep(30 * time.Minute)
		if got := p.Suspended(); got != 30*time.Minute {
			t.Errorf("suspended for another %v, want 30m", got)
		}
		began := time.Now()
		send(t, p)
		if time.Since(began) != 0 {
			t.Error("a suspended pacer holds back")
		}
		time.Sleep(31 * time.Minute)
		if p.Suspended() > 0 {
			t.Error("suspended after the end")
		}
	})
}
