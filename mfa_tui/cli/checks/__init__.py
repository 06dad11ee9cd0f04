"""The checks that `mfa-tui doctor` makes."""
