"""The sentences that front ends show for the state of an account and for the results of its operations."""

from collections.abc import Sequence
from datetime import UTC, datetime

from mfa_tui import formatting, sanitize
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.rotation import RotationOutcome
from mfa_tui.account.state import CodeSlot, RotationStatus, Stage, State
from mfa_tui.account.typed_code import TypedCode
from mfa_tui.account.verification import LENGTH, Question
from mfa_tui.client.messages import STEP_UP_REQUIRED
from mfa_tui.errors import OLD_CODES_INVALID
from mfa_tui.formatting import Message
from mfa_tui.protocol import models
from mfa_tui.terminal.stores.store import FILE_ADVICE, NAMES, CodeStore
from mfa_tui.workflows.ui import BrowserLink

LOW_CODES = 3
"""With this many codes left, it is time to rotate."""

WHAT_NEXT = "What next?"

CODE_LABEL = "recovery or authenticator code"
PASSKEY_NAME_LABEL = "new name of the passkey, or nothing to keep its name"
FIRST_CODE_LABEL = "code that the app shows now"
EMAIL_CODE_LABEL = "six-digit code from the e-mail"
EMAIL_LABEL = "e-mail address"
ENVIRONMENT_LABEL = "environment id"

ENTER_CODE = "Enter a code"
USE_PASSKEY = "Use a passkey"
NO_CODE = "No code?"
GIVE_UP = "Give up"
RESEND_EMAIL_CODE = "Send a new code"
START_OVER = "Start over"
SAVE_TO_FILE = "Save the codes to a file"
VERIFY_SAVED = "Verify that the codes are saved"
READ_AGAIN = "Read the codes again"

CHECKING = "Checking"
ROTATING = "Rotating: wait for the new codes"
READING = "Reading your codes"
CONFIRMING = "Confirming to the service"
REGISTERING = "Requesting a key"
WAITING_FOR_BROWSER = "Waiting for the browser"
REQUESTING_LINK = "Requesting a link for your browser"
CHECKING_PASSKEY = "Checking the passkey"
PRINTING = "Printing"
SIGNING_IN = "Signing in"
REQUESTING_EMAIL_CODE = "Requesting a code by e-mail"

CODE_USED_UP = "The recovery code that you typed is used up: cross it out."
SIGNED_OUT = "Signed out: this machine keeps no session any more."
STILL_SIGNED_IN = "You are still signed in."
RISK_NOT_CONFIRMED = (
    "Your recovery codes are not confirmed. If you do not have them, and the next sign-in asks for one, you "
    "are locked out."
)
RISK_NO_FACTOR = (
    "No recovery code is left, and no other factor exists. If the next sign-in asks for one, you are locked out: "
    "rotate first, to get new codes."
)
ENVIRONMENT_NEEDED = "The id of an environment is a UUID: ask the operator of the app for it."
INVALID_ENVIRONMENT_ID = "That is not a UUID. It looks like 2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11."

STEP_UP = Message(
    STEP_UP_REQUIRED.message.removesuffix("."),
    "Type an authenticator code or a recovery code. A recovery code is used up by it. Then the action continues.",
)
NOT_PRINTED = Message("Nothing was printed", "Your codes are unchanged.")
ROTATED = Message("Replaced: the old codes no longer work", "Every copy of them is worthless.")
SAVE = f"{FILE_ADVICE} Or save to another place: {formatting.listing(NAMES[1:], 'or')}."
SCROLLBACK = "These codes stay in your terminal's scrollback: clear it once you have them."
VERIFY = Message(
    "Look where you saved the codes", "This is checked here: nothing is sent, and no code is used up by it."
)
NOT_CONFIRMED = Message("Not confirmed", "Sign-ins ask for no code until you verify that the codes are saved.")
NO_CODES_LEFT = Message("No code is left", "Rotate to get new ones: without any, a lost phone locks you out.")
CONFIRMED = Message("Confirmed", "From now on each sign-in asks for a second factor.")
NOT_CONFIRMED_YET = Message(
    "Not confirmed yet", "Save the codes where you can reach them without your phone, then verify that they are saved."
)
QUIT_UNCONFIRMED = Message(
    "These codes are not confirmed",
    "They work, and the next start shows them again. But if you lose your phone and this session before that, you are "
    "locked out.",
)
NOTHING_TO_CHALLENGE = Message(
    "Nothing to challenge",
    "Signing in asks for a code only once the codes are confirmed. Verify in mfa-tui that they are saved, or run "
    "mfa-tui acknowledge.",
)
NO_CHALLENGE_PENDING = "No challenge is pending: you are signed in. No code was used."
CHALLENGE_GIVEN_UP = Message("Given up", "The challenge is not passed, and no code is used up by that.")
FACTORS = Message("These can pass a challenge too", "A recovery code is for when none of them is at hand.")
NO_FACTORS = Message(
    "No app or passkey yet",
    "Press a to add an app, p to add a passkey. Then a sign-in needs no recovery code, until you lose it.",
)
AUTHENTICATOR_ADDED = "The app is added: from now on it can pass a challenge."
AUTHENTICATOR_NOT_ADDED = "The app was not added."
AUTHENTICATOR_REMOVED = "The app is removed."
TOUCH_KEY = Message("Touch your security key", "It blinks. If there are several, touch the one to use.")
KEY_IN_OTHER_PLACE = "Passkeys of a phone or of this machine are used in a browser."
IN_BROWSER = "Continue in a browser"
RUN_TUNNEL = "On your own machine, run:"
KEEP_LINK = "Give the link to nobody: whoever asks you for it wants to sign in as you."
OPEN_BROWSER = "Open the browser now?"
PASSKEY_ACCEPTED = "The passkey was accepted: no recovery code is used up."
PASSKEY_ADDED = "The passkey is added: from now on it can pass a challenge."
PASSKEY_REMOVED = "The passkey is removed here. Delete it from its device or key too: nothing else can."

CHALLENGE_STATUS = {
    ChallengeStatus.PASSED: Message(
        "The response was lost, but the challenge is passed", "The code that you typed is used up."
    ),
    ChallengeStatus.PENDING: Message(
        "The response was lost: that code may be used up",
        "The challenge is still pending. Cross the code out, and use the next one: nothing is sent again.",
    ),
    ChallengeStatus.UNKNOWN: Message(
        "The response was lost, and the service does not respond now",
        "The code may be used up: cross it out. Once the service is back, use the next one.",
    ),
}
"""After the response to a code was lost."""

RECONCILED = {
    RotationStatus.ROTATED: Message(
        "The codes were replaced: these are the new ones",
        f"They were not shown here before. {OLD_CODES_INVALID}",
    ),
    RotationStatus.NOT_ROTATED: Message(
        "Nothing was replaced so far: your old codes are valid",
        "A rotation was requested and its response lost; the set was read back, and it is the old one.",
    ),
    RotationStatus.UNDETERMINED: Message(
        "It is not known whether the codes were replaced: these are the ones that work",
        "A rotation may have been requested, and the set before it is not known. Compare your copies with these.",
    ),
    RotationStatus.ELSEWHERE: Message(
        "Another program or device replaced the codes: these are the ones that work",
        "Copies of the old ones are worthless.",
    ),
}
"""The set that was read is not the one that was known, or a rotation is open."""


def challenge_introduction(names: Sequence[str], *, ignores_case: bool, passkey: str = "") -> Message:
    """Return which factors can pass the challenge, and how to type a code; `passkey` is the offer of one."""
    ignored = "Spaces, dashes and case" if ignores_case else "Spaces and dashes"
    return Message(
        "This sign-in needs a second factor",
        f"{passkey} Type {formatting.listing(names, 'or')}. {ignored} do not matter. A recovery code works once; the "
        "others stay valid.".lstrip(),
    )


def checking(typed: TypedCode) -> str:
    """Return the progress text while a code is checked."""
    return f"Checking the {typed.kind.value}"


def challenge_passed(left: str) -> str:
    """Return how a passed challenge ended; `left` says how many codes are left, if that is known."""
    return f"Challenge passed: {left}." if left else "Challenge passed. How many codes are left could not be read."


def no_code(support_email: str | None) -> Message:
    """Return whom to contact without any code."""
    address = sanitize.one_line(support_email or "", 254)
    contact = f"Write to {address}." if address else "This environment names no address: ask the operator of the app."
    return Message("Without any code, only the operator of this service can help", contact)


def email_code_sent(verification: models.EmailVerification) -> Message:
    """Return that a code was sent, and to which address."""
    return Message(
        f"A code is on its way to {sanitize.one_line(verification.email, 60)}",
        "It arrives within minutes and is valid for ten; look in the spam folder too.",
    )


def saved(store: CodeStore, state: State) -> Message:
    """Return that the codes were saved to a place, and the next step."""
    return Message(f"Saved to {formatting.path_name(store.name)}", f"{store.advice} {_next_step(state)}".rstrip())


def printed(state: State) -> Message:
    """Return that the codes were printed, and the next step."""
    return Message("Sent to the printer", _next_step(state) or "Keep the paper where you will find it.")


def _next_step(state: State) -> str:
    return "Then verify that they are saved." if state.stage is Stage.CODES_NOT_CONFIRMED else ""


def verification_label(question: Question) -> str:
    """Return the label of the field for the answer to a question."""
    return f"last {LENGTH} characters of code {question.number}, which begins {question.begins}"


def wrong_verification(question: Question) -> Message:
    """Return that an answer is wrong."""
    return Message(
        f"Code {question.number} does not end like that",
        "Look again where you saved it. If it is not there, go back to the codes and save them.",
    )


def pin_label(attempts_left: int) -> str:
    """Return the label of the field for the PIN of a security key."""
    return f"PIN of the security key, {formatting.count(attempts_left, 'attempt')} left"


def passkey_offer(key: str) -> str:
    """Return the offer to use a passkey with a key of the keyboard."""
    return f"Press {key} to use a passkey, or type a code."


def open_link(link: BrowserLink) -> str:
    """Return the sentence before a link."""
    where = "on any device" if link.is_for_any_device else "there" if link.tunnel else "here"
    return f"Open {where} within {link.seconds} seconds:"


def compare_code(link: BrowserLink) -> str:
    """Return the code that the page must show, as a sentence."""
    return f"The page must show the code {link.code}."


def passkey_renamed(name: str) -> str:
    """Return that a passkey has another name."""
    return f"The passkey is now named {name}."


def with_full_stop(text: str) -> str:
    """Return a phrase as a sentence; unchanged if it is empty or a question."""
    return text if not text or text.endswith("?") else f"{text}."


def code_use(slot: CodeSlot) -> str:
    """Return when and where the code of a slot was used, such as `used here 24 Nov 14:02`."""
    at = datetime.fromtimestamp(slot.used_at, UTC).astimezone()
    return f"used here {at.day} {at:%b %H:%M}" if slot.used_here else f"used elsewhere, noticed {at.day} {at:%b}"


def codes_left(state: State) -> str:
    """Return how many codes are left, such as `9 of 10 left`; empty if that is not known."""
    if state.codes is None:
        return ""
    return f"{state.codes.count} of {max(models.SET_SIZE, state.codes.count)} left"


def kept(*, is_confirmed: bool, is_saved: bool) -> str:
    """Return whether the codes are confirmed or saved, in a word or two."""
    return "confirmed" if is_confirmed else "saved" if is_saved else "not confirmed"


def low_codes(state: State) -> Message | None:
    """Return the advice for a set with few codes left; None if enough are left or that is not known."""
    if state.codes is None or state.codes.count > LOW_CODES:
        return None
    if state.codes.count == 0:
        return NO_CODES_LEFT
    if state.codes.count == 1:
        return Message("This is the last one", "Rotate now: once it is used, a lost phone locks you out.")
    return Message(f"Only {state.codes.count} are left", "Rotate before these run out.")


def rotation_consequence(unused: int | None) -> str:
    """Return the effect of a rotation; `unused` is how many codes it invalidates, if that is known."""
    if unused == 0:
        return "No unused code is left, so none is lost."
    codes = {None: "All unused codes stop", 1: "1 unused code stops"}.get(unused, f"{unused} unused codes stop")
    return f"{codes} working at once, wherever kept: on paper, in files, in a password manager. This cannot be undone."


def reconciled(state: State) -> Message | None:
    """Return how the set came to be; None if it is the one that was known and no rotation is open."""
    return None if state.rotation_status is None else RECONCILED.get(state.rotation_status)


def not_rotated(state: State) -> Message:
    """Return that the user declined a rotation."""
    none_left = state.codes is not None and state.codes.count == 0
    return Message("Nothing was changed", str(NO_CODES_LEFT) if none_left else "Your existing codes remain valid.")


def rotated(outcome: RotationOutcome) -> Message:
    """Return that a rotation replaced the set, and the new codes were shown and read back."""
    return RECONCILED[RotationStatus.ROTATED] if outcome.reconciled else ROTATED


def stale_copies(state: State) -> str:
    """Return which places hold the set before this one, as a sentence; empty if none is known."""
    previous = state.record.previous if state.record else None
    places = sorted({copy.place for copy in previous.saved}) if previous else []
    return f"Codes that no longer work are in {formatting.listing(places)}." if places else ""
