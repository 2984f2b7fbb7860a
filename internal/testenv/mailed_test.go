package testenv_test

import (
	"context"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// mailed is a connector to a target whose user names are e-mail addresses: it makes one of every name that the suite writes, and
// takes it back from every name that it reads.
type mailed struct{ connected }

const mailDomain = "@names.example"

func isUserName(attribute string) bool { return strings.EqualFold(attribute, "userName") }

func toMail(objectType directory.ObjectType, attribute string, value directory.Value) directory.Value {
	name, ok := value.Text()
	if !ok || name == "" || objectType != directory.User || !isUserName(attribute) || strings.Contains(name, "@") {
		return value
	}
	return directory.Text(name + mailDomain)
}

func fromMail(accounts ...connector.Account) []connector.Account {
	for _, account := range accounts {
		for attribute, value := range account.Attributes {
			if name, ok := value.Text(); ok && isUserName(attribute) {
				account.Attributes[attribute] = directory.Text(strings.TrimSuffix(name, mailDomain))
			}
		}
	}
	return accounts
}

func (m mailed) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	query.Value = toMail(query.Type, query.Attribute, query.Value)
	found, err := m.connected.Find(ctx, query)
	return fromMail(found...), err
}

func (m mailed) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	return m.connected.List(ctx, listing, func(accounts []connector.Account) error { return deliver(fromMail(accounts...)) })
}

func (m mailed) Get(ctx context.Context, objectType directory.ObjectType, anchor directory.Anchor, attributes []string) (connector.Account, error) {
	account, err := m.connected.Get(ctx, objectType, anchor, attributes)
	return fromMail(account)[0], err
}

func (m mailed) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	operations = slices.Clone(operations)
	for i, operation := range operations {
		operations[i].Changes = slices.Clone(operation.Changes)
		for j, change := range operation.Changes {
			operations[i].Changes[j].Value = toMail(operation.Type, change.Attribute, change.Value)
		}
		current := map[string]directory.Value{}
		for attribute, value := range operation.Current {
			current[attribute] = toMail(operation.Type, attribute, value)
		}
		operations[i].Current = current
	}
	return m.connected.Apply(ctx, operations)
}
