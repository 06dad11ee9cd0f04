"""The line-by-line face, for screen readers and terminals that can do no better."""
