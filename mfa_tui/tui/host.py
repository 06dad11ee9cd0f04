"""The app that shows a screen: mfa-tui's own, or any other textual app that pushes it."""

from collections.abc import Callable

from textual.dom import DOMNode

from mfa_tui.tui.secure_app import SecureApp


def secure_app(node: DOMNode) -> SecureApp | None:
    """Return the app of a node if it covers secrets and has a clipboard; None for any other textual app."""
    return node.app if isinstance(node.app, SecureApp) else None


def watch_covered(node: DOMNode, callback: Callable[[bool], None], *, init: bool = True) -> None:
    """Call a function whenever the app covers or uncovers secrets, and with `init` at once.

    Another app than a `SecureApp` never covers them.
    """
    if app := secure_app(node):
        node.watch(app, "covered", callback, init=init)
    elif init:
        callback(False)
