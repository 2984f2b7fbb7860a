package acctest

import "testing"

// New returns a bench on an engine of its own.
func New(*testing.T) *Bench { return On(NewFake().Client()) }
