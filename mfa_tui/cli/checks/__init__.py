"""The checks of `mfa-tui doctor`."""
