"""Hand-offs: a terminal has a browser create or use a passkey."""
