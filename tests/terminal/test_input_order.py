"""Keys that arrive in one burst, as over a slow SSH connection, end as typed."""

import random

import pytest

from tests.terminal.conftest import Start

BACKSPACE, LEFT, HOME = "\x7f", "\x1b[D", "\x1b[H"
CLEAR = "\x05\x15"
"""End, then delete all to the left."""
EDITS = (BACKSPACE, BACKSPACE, LEFT, HOME)


def typed(keys: list[str]) -> str:
    """The text that the keys make, by a model of the field."""
    text, at = "", 0
    for key in keys:
        if key == BACKSPACE:
            text, at = text[: max(0, at - 1)] + text[at:], max(0, at - 1)
        elif key in {LEFT, HOME}:
            at = 0 if key == HOME else max(0, at - 1)
        else:
            text, at = text[:at] + key + text[at:], at + 1
    return text


@pytest.mark.usefixtures("saved")
def test_keys_in_one_burst_end_as_typed(start: Start) -> None:
    program = start("challenge")
    program.wait_for("This sign-in needs a second factor")
    chosen = random.Random(1)  # the same bursts in each run
    bursts = [["A", "B", "X", BACKSPACE, "C"]]
    bursts += [
        [chosen.choice("ABCDEFGH23456789") for _ in range(6)]
        + [chosen.choice(("X", "Y", "Z", *EDITS)) for _ in range(8)]
        + [f"{number:03}"]
        for number in range(99)
    ]
    for burst in bursts:
        keys = [key for text in burst for key in (text if text.isdigit() else [text])]
        program.press("".join((CLEAR, *keys)))
        program.wait_for(f"▌ {typed(keys)}\n")
