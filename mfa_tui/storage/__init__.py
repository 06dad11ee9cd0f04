"""The program's files on the user's disk."""
