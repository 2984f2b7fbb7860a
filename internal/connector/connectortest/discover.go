package connectortest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// testDiscover holds for every connector that reads what its target says about itself: the answer is sorted, each attribute
// occurs once, and asking writes nothing. A connector that cannot do it has nothing to hold.
func testDiscover(x *target) {
	discoverer, ok := x.connector.(connector.Discoverer)
	if !ok {
		return
	}
	discovery, err := discoverer.Discover(x.t.Context())
	if directory.KindOf(err) == directory.Unsupported {
		return
	}
	if err != nil {
		x.t.Fatal(err)
	}
	position := func(a connector.TargetAttribute) (int, string) {
		return slices.Index(directory.ObjectTypes(), a.ObjectType), strings.ToLower(a.Path)
	}
	for i, attribute := range discovery.Attributes {
		if place, _ := position(attribute); place < 0 || attribute.Path == "" {
			x.t.Errorf("attribute %+v has no object type or no path", attribute)
		}
		if i == 0 {
			continue
		}
		before, path := position(discovery.Attributes[i-1])
		place, next := position(attribute)
		if cmp.Or(cmp.Compare(before, place), cmp.Compare(path, next)) >= 0 {
			x.t.Errorf("%s %s stands after %s %s", attribute.ObjectType, attribute.Path, discovery.Attributes[i-1].ObjectType, discovery.Attributes[i-1].Path)
		}
	}
}
