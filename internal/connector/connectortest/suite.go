package connectortest

import (
	"testing"
)

// Run tests a connector against the contract, each part on a target of its own.
func Run(t *testing.T, options Options) {
	t.Helper()
	if options.ListSize == 0 {
		options.ListSize = 230
	}
	for _, part := range []struct {
		name string
		test func(*target)
		skip bool
	}{
		{name: "capabilities", test: testCapabilities},
		{name: "canonical", test: testCanonical},
		{name: "canonical paths", test: testCanonicalPaths, skip: options.AnyPath},
		{name: "connection test", test: testConnection},
		{name: "discover", test: testDiscover},
		{name: "create and get", test: testCreate},
		{name: "get asks for attributes", test: testGetAttributes},
		{name: "get missing", test: testGetMissing},
		{name: "find", test: testFind},
		{name: "find special characters", test: testFindSpecial},
		{name: "find by filtered path", test: testFindFiltered},
		{name: "find what is nearly it", test: testFindNear},
		{name: "find all", test: testFindAll},
		{name: "find nothing to look for", test: testFindNothing},
		{name: "find many", test: testFindMany},
		{name: "list", test: testList},
		{name: "list special characters", test: testListSpecial},
		{name: "list each once", test: testListOnce},
		{name: "list empty", test: testListEmpty},
		{name: "list stops when told", test: testListStops},
		{name: "update", test: testUpdate},
		{name: "update elements", test: testElements, skip: options.WholeElements},
		{name: "update extension", test: testExtension},
		{name: "lists", test: testLists, skip: options.KnownOnly || options.WholeElements},
		{name: "add to lists", test: testAdd, skip: options.KnownOnly || options.WholeElements},
		{name: "add to lists again", test: testAddAgain, skip: options.KnownOnly || options.WholeElements},
		{name: "add to what takes one value", test: testAddRefused, skip: options.KnownOnly},
		{name: "update rename", test: testRename},
		{name: "update missing", test: testUpdateMissing},
		{name: "disable and enable", test: testDisable},
		{name: "delete", test: testDelete},
		{name: "duplicate", test: testDuplicate, skip: options.NoUniqueness},
		{name: "manager", test: testManager, skip: options.NoReferences},
		{name: "group", test: testGroup, skip: options.NoGroups},
		{name: "members", test: testMembers, skip: options.NoGroups},
		{name: "members in batches", test: testMemberBatches, skip: options.NoGroups},
		{name: "members at once", test: testMembersAtOnce, skip: options.NoGroups},
		{name: "members unknown", test: testUnknownMembers, skip: options.NoGroups || options.AcceptsUnknownMembers},
		{name: "members of a missing group", test: testMembersOfNothing, skip: options.NoGroups},
		{name: "members read", test: testReadMembers, skip: options.NoGroups},
		{name: "batch", test: testBatch},
		{name: "cancelled", test: testCancelled},
		{name: "concurrent use", test: testConcurrent},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			if part.skip {
				t.Skip("the connector's options say that it cannot do this")
			}
			part.test(newTarget(t, options))
		})
	}
}
