"""The screen buffer sends changed cells only, and never a control character."""

import random

import pyte
import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size

from mfa_tui.tui.rendering.screen_buffer import ScreenBuffer, erase_sequence, in_ascii

WIDTH, HEIGHT = 20, 4

HOSTILE = {
    "OSC 52": "\x1b]52;c;aGFja2Vk\x07",
    "a title": "\x1b]0;hacked\x07",
    "C1": "\x9d52;c;aGFja2Vk\x9c\x9b2J",
    "bidirectional": "abc\u202edef\u2066",
    "zero width": "a\u200bb\u200dc\ufeff",
    "line controls": "a\rb\x08c\x0bd\x0ce\x7f",
    "private use": "\ue000\U000f0000",
    "surrogates": "\ud800\udfff",
}


def segments(text: str, style: str = "") -> list[Segment]:
    return [Segment(text, Style.parse(style) if style else None)]


class Terminal:
    """A screen buffer that draws on an emulated terminal."""

    def __init__(self) -> None:
        self.glass = ScreenBuffer()
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)
        self.stream.feed(self.glass.start_frame(Size(WIDTH, HEIGHT)))

    def draw(self, y: int, x: int, drawn: list[Segment]) -> str:
        sent = self.glass.draw(y, x, self.glass.cells(drawn, ColorSystem.TRUECOLOR))
        self.stream.feed(sent)
        return sent


def test_unchanged_cells_are_not_sent_again() -> None:
    terminal = Terminal()
    assert terminal.draw(0, 2, segments("hello", "bold")) == "\x1b[1;3H\x1b[1mhello\x1b[0m"
    assert terminal.draw(0, 2, segments("hello", "bold")) == ""
    assert terminal.draw(0, 2, segments("hallo", "bold")) == "\x1b[1;4H\x1b[1ma\x1b[0m"


def test_empty_screen_sends_nothing() -> None:
    terminal = Terminal()
    assert terminal.draw(1, 0, segments(" " * WIDTH, "dim red")) == ""


def test_visible_blank_is_sent() -> None:
    terminal = Terminal()
    assert terminal.draw(1, 0, segments("  ", "reverse")) == "\x1b[2;1H\x1b[7m  \x1b[0m"
    assert terminal.draw(1, 0, segments("  ")) == "\x1b[2;1H  "


def test_resize_and_forget_start_with_an_empty_screen() -> None:
    glass = ScreenBuffer()
    assert glass.start_frame(Size(WIDTH, HEIGHT)) == erase_sequence(HEIGHT)
    assert glass.start_frame(Size(WIDTH, HEIGHT)) == ""
    assert glass.start_frame(Size(WIDTH, HEIGHT + 1)) == erase_sequence(HEIGHT + 1)
    glass.invalidate()
    assert glass.start_frame(Size(WIDTH, HEIGHT + 1)) == erase_sequence(HEIGHT + 1)


def test_nothing_is_drawn_outside_the_screen() -> None:
    terminal = Terminal()
    assert terminal.draw(HEIGHT, 0, segments("below")) == ""
    assert terminal.draw(0, WIDTH - 2, segments("right")) == f"\x1b[1;{WIDTH - 1}Hri"


@pytest.mark.parametrize("seed", range(20))
def test_terminal_shows_the_drawn_frames(seed: int) -> None:
    chance = random.Random(seed)
    terminal = Terminal()
    shown = [[(" ", False, False, "default")] * WIDTH for _ in range(HEIGHT)]
    for _ in range(200):
        y, x = chance.randrange(HEIGHT), chance.randrange(WIDTH)
        drawn = []
        for _ in range(chance.randrange(1, 4)):
            text = "".join(chance.choices("ab  ", k=chance.randrange(1, 6)))
            bold, reverse, color = chance.random() < 0.5, chance.random() < 0.3, chance.choice(["red", "default"])
            drawn.append(Segment(text, Style(bold=bold, reverse=reverse, color=color)))
            for character in text:
                if x < WIDTH:
                    plain = character == " " and not reverse
                    shown[y][x] = (" ", False, False, "default") if plain else (character, bold, reverse, color)
                x += 1
        terminal.draw(y, x - sum(len(segment.text) for segment in drawn), drawn)
    seen = [
        [
            (" ", False, False, "default") if c.data == " " and not c.reverse else (c.data, c.bold, c.reverse, c.fg)
            for c in (terminal.screen.buffer[y][x] for x in range(WIDTH))
        ]
        for y in range(HEIGHT)
    ]
    assert seen == shown


def test_cursor_is_placed_after_a_wide_character() -> None:
    terminal = Terminal()
    assert terminal.draw(0, 0, segments("漢a")) == "\x1b[1;1H漢\x1b[1;3Ha"
    assert terminal.draw(0, 0, segments("xya")) == "\x1b[1;1Hxy"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_control_reaches_the_terminal(name: str) -> None:
    terminal = Terminal()
    sent = terminal.draw(0, 0, segments(f"<{HOSTILE[name]}>"))
    drawn = sent.replace("\x1b[1;1H", "")
    assert drawn.isprintable()
    assert drawn.startswith("<")


def test_combining_mark_is_kept() -> None:
    terminal = Terminal()
    assert terminal.draw(0, 0, segments("Zoe\u0308")) == "\x1b[1;1HZoë"


def test_ascii_rendering_keeps_the_width() -> None:
    assert in_ascii("╭─ “a” · b… ─╮") == '+- "a" - b~ -+'
    assert in_ascii("•••") == "***"
    assert in_ascii("漢é") == "???"
