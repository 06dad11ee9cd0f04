"""Pauses the garbage collector of Python at the start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Run no garbage collection meanwhile, and leave the objects made until the end out of every later one.

    Imports make objects that live as long as the process. Collections look at each of them again and again, which takes
    a tenth of the time that textual takes to import. Within another pause, it adds nothing.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
