package job_test

import (
	"testing"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// mappings-and-scoping.md 6, conversion of the value to the target type.
func TestConvert(t *testing.T) {
	t.Parallel()
	text := directory.Text
	when := directory.DateTime(time.Date(2026, 11, 22, 13, 4, 5, 0, time.UTC))
	record := directory.Record(map[string]directory.Value{"value": text("admin")})
	const failed = "error"
	for _, c := range []struct {
		as    job.TargetAttribute
		value directory.Value
		want  any // a value, or failed
	}{
		{job.TargetAttribute{}, text("True"), text("True")},
		{job.TargetAttribute{}, directory.Integer(7), directory.Integer(7)},
		{job.TargetAttribute{}, record, record},
		{job.TargetAttribute{Type: job.TypeString}, directory.Integer(7), text("7")},
		{job.TargetAttribute{Type: job.TypeString}, directory.Boolean(true), text("True")},
		{job.TargetAttribute{Type: job.TypeString}, when, text("11/22/2026 1:04:05 PM")},
		{job.TargetAttribute{Type: job.TypeString}, directory.Null(), directory.Null()},
		{job.TargetAttribute{Type: job.TypeString}, record, record},
		{job.TargetAttribute{Type: job.TypeInteger}, text(" -12 "), directory.Integer(-12)},
		{job.TargetAttribute{Type: job.TypeInteger}, text("+3"), directory.Integer(3)},
		{job.TargetAttribute{Type: job.TypeInteger}, directory.Integer(3), directory.Integer(3)},
		{job.TargetAttribute{Type: job.TypeInteger}, text("1.5"), failed},
		{job.TargetAttribute{Type: job.TypeInteger}, text(""), failed},
		{job.TargetAttribute{Type: job.TypeInteger}, directory.Boolean(true), failed},
		{job.TargetAttribute{Type: job.TypeInteger}, record, failed},
		{job.TargetAttribute{Type: job.TypeBoolean}, text("TRUE"), directory.Boolean(true)},
		{job.TargetAttribute{Type: job.TypeBoolean}, text("false"), directory.Boolean(false)},
		{job.TargetAttribute{Type: job.TypeBoolean}, directory.Boolean(true), directory.Boolean(true)},
		{job.TargetAttribute{Type: job.TypeBoolean}, text("1"), failed},
		{job.TargetAttribute{Type: job.TypeDateTime}, text("2026-11-22"), text("2026-11-22")},
		{job.TargetAttribute{Type: job.TypeDateTime}, when, text("11/22/2026 1:04:05 PM")},
		{job.TargetAttribute{Type: job.TypeInteger}, directory.List(text("1"), text("2")), directory.List(directory.Integer(1), directory.Integer(2))},
		{job.TargetAttribute{Type: job.TypeInteger}, directory.List(text("1"), text("b")), failed},
		{job.TargetAttribute{Multivalued: pointer(true)}, directory.List(text("a"), text("b")), directory.List(text("a"), text("b"))},
		{job.TargetAttribute{Multivalued: pointer(true)}, text("a"), text("a")},
		{job.TargetAttribute{Multivalued: pointer(false)}, directory.List(text("a")), text("a")},
		{job.TargetAttribute{Multivalued: pointer(false)}, directory.List(), directory.Null()},
		{job.TargetAttribute{Multivalued: pointer(false)}, directory.List(text("a"), text("b")), failed},
	} {
		got, err := c.as.Convert(c.value)
		want, ok := c.want.(directory.Value)
		if (err == nil) != ok || ok && !got.Equal(want) {
			t.Errorf("%s of kind %s as %+v: got %s of kind %s, %v", c.value, c.value.Kind(), c.as, got, got.Kind(), err)
		}
	}
}

func TestAttributeLists(t *testing.T) {
	t.Parallel()
	m := userMapping(sources("mail", "jobTitle"), listed(job.TargetAttribute{Name: "Title", Required: true}))
	m.SourceAttributes[1].FlowNullValues = false
	if !m.TargetAttribute("title").Required || m.TargetAttribute("userName") != (job.TargetAttribute{}) {
		t.Error("the wrong attribute was found")
	}
	for names, want := range map[string]bool{"mail": true, "Mail": false, "jobTitle": false, "": false} {
		if got := m.FlowsNull([]string{names}); got != want {
			t.Errorf("%q: %v", names, got)
		}
	}
	if m.FlowsNull(nil) || m.FlowsNull([]string{"mail", "jobTitle"}) {
		t.Error("what is not switched on flows")
	}
}
