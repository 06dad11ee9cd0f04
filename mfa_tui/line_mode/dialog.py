"""Saying and asking, one thought a line: what a screen reader reads in the order in which it comes.

Nothing here moves a cursor or sets a colour: text is only ever added below.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mfa_tui.errors import MfaTuiError
from mfa_tui.terminal import console


def say(*thoughts: str) -> None:
    """Say thoughts, a line each; empty ones are left out.

    Raises:
        OutputLostError: The terminal is gone.
    """
    for thought in thoughts:
        if thought:
            console.print_text(thought, prose=True)


def tell(error: MfaTuiError) -> None:
    """Say what happened, what it means for the codes, what to do next, and what support asks for."""
    say(error.message, error.impact, error.hint, error.details)


@contextmanager
def telling() -> Iterator[None]:
    """Tell what goes wrong in here, and go on after it.

    Raises:
        NoTerminalError: Nobody is there to be told.
    """
    try:
        yield
    except console.NoTerminalError:
        raise
    except MfaTuiError as error:
        tell(error)


def choose(question: str, choices: Sequence[str]) -> int:
    """Ask which of the choices it is to be, and return its index.

    Raises:
        InputEndedError: Input ended.
    """
    say(question)
    for number, choice in enumerate(choices, start=1):
        say(f"{number}. {choice}.")
    while True:
        typed = console.read_line(f"Type a number from 1 to {len(choices)}, and press Enter: ")
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(choices):
            return int(typed) - 1
        say("That is none of the choices.")


def confirm(question: str, *, stay: str, go_on: str) -> bool:
    """Ask before something that cannot be undone, the safe choice first; return whether to go on."""
    return choose(question, (stay, go_on)) == 1
