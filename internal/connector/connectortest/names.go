package connectortest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// named is a connector whose target has other names for the attributes the suite writes.
type named struct {
	connector.Connector
	names map[directory.ObjectType]map[string]string
}

func (n named) to(objectType directory.ObjectType, attribute string) string {
	for suite, own := range n.names[objectType] {
		if strings.EqualFold(suite, attribute) {
			if attribute == strings.ToUpper(attribute) {
				return strings.ToUpper(own)
			}
			return own
		}
	}
	return attribute
}

func (n named) all(objectType directory.ObjectType, attributes []string) []string {
	own := make([]string, len(attributes))
	for i, attribute := range attributes {
		own[i] = n.to(objectType, attribute)
	}
	return own
}

func (n named) back(objectType directory.ObjectType, accounts []connector.Account, asked []string) []connector.Account {
	translated := make([]connector.Account, len(accounts))
	for i, account := range accounts {
		translated[i] = account
		translated[i].Attributes = map[string]directory.Value{}
		for _, attribute := range asked {
			if value, ok := account.Attributes[n.to(objectType, attribute)]; ok {
				translated[i].Attributes[attribute] = value
			}
		}
	}
	return translated
}

func (n named) Capabilities() connector.Capabilities {
	c := n.Connector.Capabilities()
	for suite, own := range n.names[directory.User] {
		if i := slices.Index(c.ExactAttributes, own); i >= 0 {
			c.ExactAttributes = append(slices.Clone(c.ExactAttributes), suite)
		}
		if c.ActiveAttribute == own {
			c.ActiveAttribute = suite
		}
		if slices.Contains(c.ReferenceAttributes[directory.User], own) {
			c.ReferenceAttributes = map[directory.ObjectType][]string{directory.User: {suite}}
		}
	}
	return c
}

func (n named) Canonical(objectType directory.ObjectType, attribute string, value directory.Value) (directory.Value, error) {
	return n.Connector.Canonical(objectType, n.to(objectType, attribute), value)
}

func (n named) Test(ctx context.Context, probe connector.Probe) error {
	probe.Attribute = n.to(probe.Type, probe.Attribute)
	return n.Connector.Test(ctx, probe)
}

func (n named) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	asked := append([]string{query.Attribute}, query.Attributes...)
	query.Attribute, query.Attributes = n.to(query.Type, query.Attribute), n.all(query.Type, query.Attributes)
	found, err := n.Connector.Find(ctx, query)
	return n.back(query.Type, found, asked), err
}

func (n named) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	asked := listing.Attributes
	listing.Attributes = n.all(listing.Type, listing.Attributes)
	return n.Connector.List(ctx, listing, func(accounts []connector.Account) error { return deliver(n.back(listing.Type, accounts, asked)) })
}

func (n named) Get(ctx context.Context, objectType directory.ObjectType, anchor directory.Anchor, attributes []string) (connector.Account, error) {
	account, err := n.Connector.Get(ctx, objectType, anchor, n.all(objectType, attributes))
	if err != nil {
		return account, err
	}
	return n.back(objectType, []connector.Account{account}, attributes)[0], nil
}

func (n named) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	operations = slices.Clone(operations)
	for i, operation := range operations {
		operations[i].Changes = slices.Clone(operation.Changes)
		for j := range operations[i].Changes {
			operations[i].Changes[j].Attribute = n.to(operation.Type, operations[i].Changes[j].Attribute)
		}
		slices.SortFunc(operations[i].Changes, func(a, b connector.Change) int { return cmp.Compare(a.Attribute, b.Attribute) })
		current := map[string]directory.Value{}
		for attribute, value := range operation.Current {
			current[n.to(operation.Type, attribute)] = value
		}
		operations[i].Current = current
	}
	return n.Connector.Apply(ctx, operations)
}
