# Nothing is managed any more.
