"""The page: the part of the window that the screens use."""

from textual.geometry import Size, Spacing
from textual.screen import Screen, ScreenResultType

_MAX_PAGE_SIZE = Size(96, 32)
"""In cells: the size of the page in a large window, where it is in the middle."""


def fit_page(screen: Screen[ScreenResultType]) -> None:
    """Leave a margin around the page: none in a small window, and the rest of a large one."""
    width, height = screen.app.size
    is_small = width < _SMALL.width or height < _SMALL.height
    vertical = 0 if is_small else max(1, (height - _MAX_PAGE_SIZE.height) // 2)
    horizontal = 1 if is_small else max(3, (width - _MAX_PAGE_SIZE.width) // 2)
    padding = Spacing.unpack((vertical, horizontal))
    if screen.styles.padding != padding:  # else textual would lay the screen out a second time
        screen.styles.padding = padding


_SMALL = Size(60, 20)
"""A window with fewer columns or lines is small."""
