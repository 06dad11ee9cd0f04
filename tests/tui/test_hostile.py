"""Markup in a service's texts is shown as text, in every widget that can show it."""

from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from mfa_tui.account.account import Account
from mfa_tui.account.state import CodeSlot
from mfa_tui.client.errors import RefusedError
from mfa_tui.protocol.user import SdkUser
from mfa_tui.redaction import Secret
from mfa_tui.terminal.clipboard.selection import BackendKind
from mfa_tui.tui.screens.code_list import CodeListScreen
from mfa_tui.tui.screens.confirm import ConfirmScreen
from mfa_tui.tui.secure_app import SecureApp
from mfa_tui.tui.widgets.code_grid import CodeGrid
from mfa_tui.tui.widgets.header import Header
from mfa_tui.tui.widgets.status_message import StatusMessage
from mfa_tui.workflows.ui import Confirmation

MARKUP = ["[/x]", "[bold]B[/bold]", "[@click=app.quit]x[/]", "[link=http://x]y[/link]", "\\[", "[[["]


def shown(app: App[str]) -> str:
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text.rstrip() for strip in strips)


class WidgetApp(SecureApp):
    """An app with one widget."""

    def __init__(self, make: Callable[[], Widget]) -> None:
        super().__init__(BackendKind.NONE, 0)
        self._make = make

    def compose(self) -> ComposeResult:
        yield self._make()


@pytest.mark.parametrize("markup", MARKUP)
async def test_status_message_shows_markup_as_text(markup: str) -> None:
    advice = StatusMessage()
    app = WidgetApp(lambda: advice)
    async with app.run_test() as pilot:
        advice.show(f"heading {markup}", f"sentences {markup}")
        await pilot.pause()
        assert f"heading {markup}" in shown(app)
        assert f"sentences {markup}" in shown(app)
        advice.show_error(RefusedError(service_message=f"said {markup}"))
        await pilot.pause()
        assert f"said {markup}" in shown(app)


@pytest.mark.parametrize("markup", MARKUP)
async def test_code_grid_shows_markup_as_text(markup: str) -> None:
    app = WidgetApp(CodeGrid)
    async with app.run_test() as pilot:
        app.query_one(CodeGrid).show([CodeSlot(1, Secret(markup[:5]))], hidden=False, in_doubt=True)
        await pilot.pause()
        assert markup[:5] in shown(app)


@pytest.mark.parametrize("markup", MARKUP)
async def test_dialogues_show_markup_as_text(markup: str) -> None:
    app = WidgetApp(Widget)
    async with app.run_test() as pilot:
        await app.push_screen(
            ConfirmScreen(Confirmation(f"q {markup}", (f"c {markup}",), "Stay", "Go", "go", f"r {markup}"))
        )
        await pilot.pause()
        assert f"q {markup}" in shown(app)
        assert f"c {markup}" in shown(app)
        assert f"r {markup}" in shown(app)


async def test_code_list_shows_markup_as_text() -> None:
    app = WidgetApp(Widget)
    async with app.run_test() as pilot:
        await app.push_screen(CodeListScreen([Secret(markup) for markup in MARKUP]))
        await pilot.pause()
        for line, markup in zip(shown(app).splitlines(), MARKUP, strict=False):
            assert line == markup


@pytest.mark.parametrize("markup", MARKUP)
async def test_header_shows_markup_as_text(account: Account, markup: str) -> None:
    await account._update_user(SdkUser(id=account.user.id, email=f"{markup}@e"))
    header = Header(account)
    app = WidgetApp(lambda: header)
    async with app.run_test() as pilot:
        header.show(account.state)
        header.show_clipboard(markup)
        await pilot.pause()
        assert f"{markup}  " in shown(app)
        assert f"{markup}@e" in shown(app)
