"""The built-in MFA service: an ASGI app, its rules, its SQLite store and its mail outbox."""
