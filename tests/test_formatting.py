"""Numbers, lists and names as words."""

from pathlib import PurePosixPath

import pytest

from mfa_tui import formatting


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/home/ada/my codes.txt", "/home/ada/my codes.txt"),
        ("/home/ada/köder.txt", "/home/ada/köder.txt"),
        ("/home/ada/two  spaces", r"'/home/ada/two \x20spaces'"),
        ("/home/ada/ends in a space ", "'/home/ada/ends in a space '"),
        ("/home/ada/line\nfeed", r"'/home/ada/line\nfeed'"),
        ("/home/ada/\u202etxt.sedoc", r"'/home/ada/\u202etxt.sedoc'"),
        ("/home/ada/\x1b[2Jcodes", r"'/home/ada/\x1b[2Jcodes'"),
        ("/home/ada/\udcff", r"'/home/ada/\udcff'"),
    ],
)
def test_path_is_escaped_and_never_squeezed(path: str, named: str) -> None:
    assert formatting.path_name(PurePosixPath(path)) == named
