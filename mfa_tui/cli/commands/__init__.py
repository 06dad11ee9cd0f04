"""The scriptable face: a file a verb."""
