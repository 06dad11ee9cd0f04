"""The capabilities of the terminal: whether it shows UTF-8 if the locale says so, or if no locale is set."""

import sys

import pytest

from mfa_tui.terminal.capabilities import is_utf8

LOCALES = {
    "English": ({"LANG": "en_US.UTF-8"}, True),
    "written otherwise": ({"LANG": "de_DE.utf8"}, True),
    "C with UTF-8": ({"LANG": "C.UTF-8"}, True),
    "from a Mac, over SSH": ({"LC_CTYPE": "UTF-8"}, True),
    "Latin-1": ({"LANG": "de_DE.ISO-8859-1"}, False),
    "C": ({"LANG": "C"}, False),
    "C, as Python has it": ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
    "none": ({}, False),
    "none, as Python has it": ({"LC_CTYPE": "C.UTF-8"}, False),
    "LC_ALL over all": ({"LC_ALL": "C", "LC_CTYPE": "en_US.UTF-8", "LANG": "en_US.UTF-8"}, False),
    "LC_CTYPE over LANG": ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, True),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such variables")
@pytest.mark.parametrize("locale", LOCALES)
def test_locale_decides_about_utf_8(locale: str) -> None:
    variables, expected = LOCALES[locale]
    assert is_utf8(variables) is expected
