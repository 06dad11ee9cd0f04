"""Runs the command line: `python -m mfa_tui`."""

import sys

from mfa_tui.cli.main import main

sys.exit(main())
