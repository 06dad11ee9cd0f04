"""The client of Dynamic's SDK API."""

import sys

# httpx imports its own command line if click, rich and pygments are installed: 45 ms of every start. It does without
# if that module cannot be imported, and None says so.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
