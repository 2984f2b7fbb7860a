package logs

// Words are the values that the schema allows: actions, statuses and object types.
func Words() []string { return append(append(actions(), statuses()...), objectTypes()...) }
