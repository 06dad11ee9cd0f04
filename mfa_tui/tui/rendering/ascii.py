"""Translates text to ASCII, for terminals that show only that."""

from rich.cells import cell_len

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("╭╮╰╯┌┐└┘", "+"),
        **dict.fromkeys("│┃▌▐▎▊█", "|"),
        **dict.fromkeys("─━▁▔▂", "-"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        "•": "*",
        "\N{MULTIPLICATION SIGN}": "x",
        "·": "-",
        "…": "~",
    }
)


def in_ascii(text: str) -> str:
    """Return text of the same width with ASCII lookalikes, and question marks for characters without one."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text.translate(_LOOKALIKES))
