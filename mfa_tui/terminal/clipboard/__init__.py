"""The user's clipboard, which over SSH is on another machine: its backend, and the timed clearing of copied codes."""
