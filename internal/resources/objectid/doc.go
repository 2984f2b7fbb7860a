// Package objectid makes and reads the ids of objects: parts chosen by the user, joined by slashes, and
// therefore known when planning (design.md 3).
//
// It does not say which characters a part may have; that is package validators.
package objectid
