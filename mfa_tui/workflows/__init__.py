"""The tasks of a user from start to end, written once over a small `UI` protocol that each front end implements."""
