"""The link for a browser on the screens: its QR code, and the way back."""

import asyncio

import pytest

from mfa_tui.protocol.handoffs import HandoffProgress
from mfa_tui.redaction import Secret
from mfa_tui.tui.screens.browser_link import BrowserLinkScreen
from mfa_tui.workflows.ui import BrowserLink
from tests.tui.conftest import Hosted, ShowApp


async def never() -> HandoffProgress:
    await asyncio.Event().wait()
    raise AssertionError


def link(url: str, tunnel: str = "") -> BrowserLink:
    return BrowserLink(Secret(f"{url}/handoff#{'A' * 22}"), "BCDF", 120, tunnel, can_open=False)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((80, 24), "▀"), ((40, 12), "Make the window larger: the QR code needs 37 by 19. Open the link instead.")],
)
async def test_link_for_any_device_has_a_qr_code(
    hosted: Hosted, show_app: ShowApp, size: tuple[int, int], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    async with show_app(hosted.account, size=size) as pilot:
        await pilot.wait_for_text("Sign in")
        pilot.app.push_screen(BrowserLinkScreen(link("https://mfa.example.org"), never))
        await pilot.wait_for_text("The page must show the code BCDF.", "Open on any device within 120")
        await pilot.press("f2")
        await pilot.wait_for_text(shown)
        assert "The page must show" not in pilot.text


async def test_link_at_localhost_has_no_qr_code(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("Sign in")
        pilot.app.push_screen(BrowserLinkScreen(link("http://localhost:8000"), never))
        await pilot.wait_for_text("Open here within 120 seconds:")
        assert "QR" not in pilot.text


async def test_tunnel_and_link_fit_the_smallest_window(hosted: Hosted, show_app: ShowApp) -> None:
    tunnel = "ssh -N -L 41061:127.0.0.1:41061 ada@203.0.113.9"
    async with show_app(hosted.account, size=(40, 12)) as pilot:
        await pilot.wait_for_text("Sign in")
        pilot.app.push_screen(BrowserLinkScreen(link("http://localhost:41061", tunnel), never))
        await pilot.wait_for_text("BCDF", "ssh -N -L 41061:127.0.0.1:41061", "ada@203.0.113.9", "esc Back")
