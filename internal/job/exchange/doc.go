// Package exchange translates between three forms of one configuration: the synchronization schema of Microsoft Entra
// (JSON, as Graph answers it and as the portal downloads it), our own definitions (package job), and Terraform
// configuration or state.
//
// Reading a schema never loses anything silently: a member is translated, or is one of the rows of LeftOut, or ends up
// in a Note, which is written as a comment next to what it is about. This holds by construction: reading a member marks
// it, and what is not marked in the end becomes a note.
//
// It is pure: it reads and writes bytes, files are its caller's. It is not for evaluating anything, and it does not
// talk to Graph. Its tests read testdata/*.json, schemas of realistic shape that were written for them.
package exchange
