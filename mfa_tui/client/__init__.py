"""The client of Dynamic's SDK API."""
