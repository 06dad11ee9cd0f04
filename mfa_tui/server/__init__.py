"""The embedded MFA service: an ASGI app, its rules, its SQLite store, its mail outbox."""
