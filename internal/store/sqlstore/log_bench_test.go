package sqlstore_test

import (
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/store/storetest"
)

func BenchmarkLog(b *testing.B) { storetest.BenchmarkLog(b, setup) }
