"""What is drawn, in ASCII, for terminals that show nothing else."""

from rich.cells import cell_len

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("╭╮╰╯┌┐└┘", "+"),
        **dict.fromkeys("│┃▌▐▎▊█", "|"),
        **dict.fromkeys("─━▁▔▂", "-"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        "•": "*",
        "·": "-",
        "…": "~",
    }
)


def in_ascii(text: str) -> str:
    """Return text of the same width with ASCII lookalikes, and question marks for what has none."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text.translate(_LOOKALIKES))
