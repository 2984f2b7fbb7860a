package cycle

import (
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Progress says how far a running cycle is.
type Progress struct {
	Phase store.Phase
	// Done and Total count objects of the phase.
	Done, Total int64
	// Rate is in objects per second since the phase began.
	Rate float64
	// ETA is the estimated time to the end of the phase; 0 when unknown.
	ETA time.Duration
}

// meter turns counts into progress reports.
type meter struct {
	now     func() time.Time
	report  func(Progress)
	current Progress
	began   time.Time
}

func (m *meter) begin(phase store.Phase, total int64) {
	m.current = Progress{Phase: phase, Total: total}
	m.began = m.now()
	m.send()
}

func (m *meter) advance(n int) {
	m.current.Done += int64(n)
	m.current.Total = max(m.current.Total, m.current.Done)
	if seconds := m.now().Sub(m.began).Seconds(); seconds > 0 {
		m.current.Rate = float64(m.current.Done) / seconds
		m.current.ETA = 0
		if m.current.Rate > 0 {
			m.current.ETA = time.Duration(float64(m.current.Total-m.current.Done) / m.current.Rate * float64(time.Second)).Round(time.Second)
		}
	}
	m.send()
}

func (m *meter) send() {
	if m.report != nil {
		m.report(m.current)
	}
}
