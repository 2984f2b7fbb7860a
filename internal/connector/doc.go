// Package connector is the contract of everything accounts are written to.
//
// The implementations live in folders of their own (scim, memory, faulty; LDAP, SQL and the agent's remote
// side follow) and do not know each other. A connector speaks one protocol and decides nothing: what is
// created, updated, disabled or deleted arrives as operations, attribute by attribute, already compared.
// Everything that is sent or answered can be serialised, because the agent runs connectors on another machine;
// Capabilities and Canonical are answered on the engine's side, never over the wire.
//
// Retries of a request are the connector's (one owner of retries per call path); retries of an object in a
// later cycle are the engine's.
//
// Every implementation passes connectortest.
package connector
