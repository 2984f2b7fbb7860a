package pace

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The defaults of scim-client.md 14.
const (
	DefaultRequestsPerSecond = 25
	DefaultConcurrency       = 8
)

const (
	// recoveryStep is how long the target must be content before the rate rises by a tenth of the limit.
	recoveryStep = 5 * time.Second
	// settle is how long a decrease lasts at least: the refusals of requests already under way count as one.
	settle = time.Second
	// slowest is the part of the limit below which the rate never falls.
	slowest = 1.0 / 64
)

// Limit is what a target allows. Zero fields take the defaults.
type Limit struct {
	// RequestsPerSecond on average; 0 means DefaultRequestsPerSecond.
	RequestsPerSecond float64
	// Burst is how many requests may go out at once after a pause; 0 means the rate of one second.
	Burst int
	// Concurrency is how many requests may be under way; 0 means DefaultConcurrency.
	Concurrency int
}

// WithDefaults fills in the zero fields.
func (l Limit) WithDefaults() Limit {
	if l.RequestsPerSecond == 0 {
		l.RequestsPerSecond = DefaultRequestsPerSecond
	}
	if l.Burst == 0 {
		l.Burst = max(1, int(math.Ceil(l.RequestsPerSecond)))
	}
	if l.Concurrency == 0 {
		l.Concurrency = DefaultConcurrency
	}
	return l
}

// Validate reports limits that would let nothing through.
func (l Limit) Validate() error {
	switch {
	case l.RequestsPerSecond < 0 || math.IsNaN(l.RequestsPerSecond) || math.IsInf(l.RequestsPerSecond, 0):
		return fmt.Errorf("requests per second must be a positive number, not %v", l.RequestsPerSecond)
	case l.Burst < 0:
		return fmt.Errorf("burst must be positive, not %d", l.Burst)
	case l.Concurrency < 0:
		return fmt.Errorf("concurrency must be positive, not %d", l.Concurrency)
	}
	return nil
}

// Pacer lets requests through. It is safe for concurrent use.
type Pacer struct {
	now func() time.Time

	mu    sync.Mutex
	limit Limit
	// busy counts the requests under way; waiting are those that wait for one of them to end, in the order in which they came.
	busy    int
	waiting []chan struct{}
	bucket  *rate.Limiter
	current float64
	changed time.Time
	// resume is the end of a pause that requests wait for, suspended the end of one that they do not.
	resume, suspended time.Time
}

// New returns a pacer for a valid limit. now is the clock; nil means time.Now.
func New(limit Limit, now func() time.Time) *Pacer {
	limit = limit.WithDefaults()
	if now == nil {
		now = time.Now
	}
	return &Pacer{
		limit:   limit,
		now:     now,
		bucket:  rate.NewLimiter(rate.Limit(limit.RequestsPerSecond), limit.Burst),
		current: limit.RequestsPerSecond,
	}
}

// Limit returns the limit with its defaults filled in.
func (p *Pacer) Limit() Limit {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit
}

// SetLimit replaces the limit with another valid one, for requests that wait already as well. A target that has just asked to slow
// down stays slowed down in proportion.
func (p *Pacer) SetLimit(limit Limit) {
	limit = limit.WithDefaults()
	p.mu.Lock()
	defer p.mu.Unlock()
	if limit == p.limit {
		return
	}
	now := p.now()
	p.current = p.current / p.limit.RequestsPerSecond * limit.RequestsPerSecond
	p.limit = limit
	p.bucket.SetLimitAt(now, rate.Limit(p.current))
	p.bucket.SetBurstAt(now, limit.Burst)
	p.admit()
}

// Rate returns the present rate in requests per second; it is below the limit after throttling.
func (p *Pacer) Rate() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}

// Acquire waits until a request may be sent. The caller calls release once the request is over. The error is
// the context's; then nothing was acquired.
func (p *Pacer) Acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	if err := p.await(ctx); err != nil {
		p.leave()
		return nil, err
	}
	return p.leave, nil
}

// enter waits until one request more may be under way.
func (p *Pacer) enter(ctx context.Context) error {
	p.mu.Lock()
	if p.busy < p.limit.Concurrency && len(p.waiting) == 0 {
		p.busy++
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.waiting, turn); at >= 0 {
		p.waiting = slices.Delete(p.waiting, at, at+1)
		return ctx.Err()
	}
	// The turn came at the same moment; it goes to the next one.
	p.busy--
	p.admit()
	return ctx.Err()
}

func (p *Pacer) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	p.admit()
}

// admit lets those in who have waited longest. The caller holds the lock.
func (p *Pacer) admit() {
	for p.busy < p.limit.Concurrency && len(p.waiting) > 0 {
		p.busy++
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
	}
}

// await takes a token, and then waits for as long as the target asked for a pause: the pause may be
// prolonged while it is being waited for.
func (p *Pacer) await(ctx context.Context) error {
	token, wait := p.reserve()
	for wait > 0 {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			p.giveBack(token)
			return ctx.Err()
		}
		wait = p.pause()
	}
	return nil
}

func (p *Pacer) reserve() (token *rate.Reservation, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	token = p.bucket.ReserveN(now, 1)
	return token, max(token.DelayFrom(now), p.resume.Sub(now))
}

// giveBack returns the token of a request that was not sent.
func (p *Pacer) giveBack(token *rate.Reservation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	token.CancelAt(p.now())
}

func (p *Pacer) pause() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resume.Sub(p.now())
}

// Throttled halves the rate and holds back every request for wait, which may be zero.
func (p *Pacer) Throttled(wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if resume := now.Add(wait); resume.After(p.resume) {
		p.resume = resume
	}
	if !p.changed.IsZero() && now.Sub(p.changed) < settle {
		return
	}
	p.set(now, max(p.current/2, p.limit.RequestsPerSecond*slowest))
}

// Suspend says that the target asked for a pause too long to wait for. Nothing is held back: Suspended tells.
func (p *Pacer) Suspend(wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(wait); until.After(p.suspended) {
		p.suspended = until
	}
}

// Suspended returns how long the pause still lasts; zero or less when there is none.
func (p *Pacer) Suspended() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.suspended.Sub(p.now())
}

// Succeeded lets the rate rise again, step by step, while the target is content.
func (p *Pacer) Succeeded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.current >= p.limit.RequestsPerSecond || now.Sub(p.changed) < recoveryStep {
		return
	}
	p.set(now, min(p.current+p.limit.RequestsPerSecond/10, p.limit.RequestsPerSecond))
}

func (p *Pacer) set(now time.Time, perSecond float64) {
	p.current, p.changed = perSecond, now
	p.bucket.SetLimitAt(now, rate.Limit(perSecond))
}
