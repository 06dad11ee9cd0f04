"""The bottom line, which lists the keys."""

from textual.binding import Binding
from textual.content import Content
from textual.style import Style
from textual.widgets import Static


class Footer(Static):
    """Lists the enabled keys of its screen. A click on a key has the same effect as the key.

    It is a single Static, because textual's Footer, with one widget for each key, sends more bytes.
    """

    DEFAULT_CSS = """
    Footer {
        dock: bottom;
        height: auto;
    }
    """

    def on_mount(self) -> None:
        """Draw the keys whenever the screen's bindings change."""
        self.auto_links = False  # the keys have their own colours
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._draw())

    def on_resize(self) -> None:
        """Draw the keys in lines of the new width."""
        self._draw()

    def _draw(self) -> None:
        if not self.size:
            return  # it is not laid out, as below a dialog: it is drawn when it is, then for the right width
        shown = [key.binding for key in self.screen.active_bindings.values() if key.binding.show and key.enabled]
        self.update(Content("\n").join(self._lines([self._entry(binding) for binding in shown])))

    def _lines(self, entries: list[Content]) -> list[Content]:
        """Return the entries as lines that fit the width; no entry is broken."""
        width = sum(entry.cell_length for entry in entries)
        gap = 2 if width + 2 * (len(entries) - 1) <= self.size.width else 1
        lines: list[Content] = []
        for entry in entries:
            if lines and lines[-1].cell_length + gap + entry.cell_length <= self.size.width:
                lines[-1] = Content.assemble(lines[-1], " " * gap, entry)
            else:
                lines.append(entry)
        return lines

    def _entry(self, binding: Binding) -> Content:
        key = self.app.get_key_display(binding)
        action = binding.action if "." in binding.action else f"screen.{binding.action}"
        name = Content.assemble((key, "$text-accent bold"), f" {binding.description}")
        return name.stylize(Style.from_meta({"@click": action}))
