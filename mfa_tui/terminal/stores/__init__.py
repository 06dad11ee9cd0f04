"""The places in which a user keeps codes: files, and password managers through their own commands."""
