"""The mails that tell a user about changes to the account, which somebody else may have made."""

from mfa_tui.server import mail
from mfa_tui.server.context import RequestContext
from mfa_tui.server.keys import Keys
from mfa_tui.server.store import Transaction


def signed_in(context: RequestContext) -> None:
    """Send the notice of a new session."""
    _send(context, "You signed in", "You signed in to your account.")


def factor_added(context: RequestContext, name: str) -> None:
    """Send the notice of a new factor, which is named `a passkey` or `an authenticator app`."""
    _send(context, f"You added {name}", f"You added {name} to your account.")


def factor_removed(context: RequestContext, name: str) -> None:
    """Send the notice of a removed factor."""
    _send(context, f"You removed {name}", f"You removed {name} from your account.")


def codes_rotated(context: RequestContext) -> None:
    """Send the notice of a rotation."""
    _send(
        context,
        "Your recovery codes were replaced",
        "Your recovery codes were replaced. The old ones no longer work, wherever they are saved.",
    )


def code_used(context: RequestContext, left: int) -> None:
    """Send the notice of a used recovery code."""
    _send(
        context,
        "A recovery code was used",
        f"One of your recovery codes was used to sign in or to confirm an action. Codes left: {left}.",
        "Without a code you cannot complete a challenge with one: rotate before you use the last.",
    )


def waits_started(context: RequestContext, email: str) -> None:
    """Send the notice that further wrong codes are followed by waits."""
    lines = (
        "Several wrong codes in a row were entered for your account. Each further one is followed by a wait.",
        "Your codes are unchanged.",
        "",
        "If this was not you, someone is guessing. Codes for your authenticator app or recovery codes can be guessed",
        "only by someone who reads this mailbox: change its password.",
    )
    context.service.outbox.send_notice(context.db, email, "Wrong codes were entered for your account", lines)


def account_reset(db: Transaction, keys: Keys, email: str) -> None:
    """Store the notice of a reset, which a process of the service delivers."""
    lines = (
        "Whoever runs the service has reset your account: your sessions ended, and your recovery codes, authenticator",
        "apps and passkeys no longer work. Sign in with a code from a mail, and save the new recovery codes.",
        "",
        "If you did not ask for this, tell whoever runs the service.",
    )
    mail.store_notice(db, keys, email, "Your account was reset", lines)


def _send(context: RequestContext, subject: str, *lines: str) -> None:
    advice = (
        "",
        "If this was not you, someone is signed in as you: sign in, rotate the codes, remove the factors that you do",
        "not know, and change the password of this mailbox.",
    )
    context.service.outbox.send_notice(context.db, context.user.email, subject, (*lines, *advice))
