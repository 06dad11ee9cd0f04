"""The line-by-line interface, for screen readers and simple terminals."""
