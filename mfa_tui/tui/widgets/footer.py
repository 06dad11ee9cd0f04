"""The line at the bottom: which key does what, here and now."""

from textual.binding import Binding
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

_ROOMY = 60
"""From so many columns on, keys stand two apart."""


class Footer(Static):
    """Names the keys of the screen it stands on, as they are bound and enabled; a click does as the key does.

    One Static, where textual's Footer is a widget a key, for the sake of slow links.
    """

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.auto_links = False  # the colours are ours
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._draw())

    def on_resize(self) -> None:
        """Break the line anew."""
        self._draw()

    def _draw(self) -> None:
        shown = [key.binding for key in self.screen.active_bindings.values() if key.binding.show and key.enabled]
        self.update(Content("\n").join(self._lines([self._entry(binding) for binding in shown])))

    def _lines(self, entries: list[Content]) -> list[Content]:
        """Return the entries as lines that fit; none is broken in the middle."""
        gap = 2 if self.size.width >= _ROOMY else 1
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
        name = Content.assemble((key, "$accent bold"), f" {binding.description}")
        return name.stylize(Style.from_meta({"@click": action}))
