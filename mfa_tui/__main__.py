"""`python -m mfa_tui`."""

import sys

from mfa_tui.cli import main

sys.exit(main())
