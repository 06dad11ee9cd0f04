"""The account: the one copy of the state, for faces to watch."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from mfa_tui import formatting
from mfa_tui.account.state import Stage, State
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import NotSentError, NotSignedInError
from mfa_tui.client.headers import NO_STEP_UP_TOKENS, StepUpTokens
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret
from mfa_tui.storage.config import Profile
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.journal import Journal
from mfa_tui.storage.sessions import Session, SessionStore

EXPIRY_NOTICE = 10 * 60
"""From how many seconds on it is said that a session ends."""


class Mailbox(Protocol):
    """A mailbox that the program can read by itself: the embedded service's outbox."""

    address: str

    async def code_from(self, verification_uuid: str) -> Secret:
        """Return the six-digit code of the mail about this verification."""


class Account:
    """A person's account at one service.

    What is done with it stands in `session`, `recovery` and `challenge`; each changes the state through this,
    and whoever watches is told.

    Args:
        client: The service.
        profile: Which environment of it, and who signs in there.
        sessions: Where the session is kept between starts.
        journal: Where a rotation is written down before it is asked for.
        mailbox: Where sign-in mails arrive, if the program can read them by itself.
    """

    def __init__(
        self,
        client: DynamicClient,
        profile: Profile,
        sessions: SessionStore,
        journal: Journal,
        mailbox: Mailbox | None = None,
    ) -> None:
        self.client = client
        self.profile = profile
        self.sessions = sessions
        self.journal = journal
        self.mailbox = mailbox
        self.step_up = NO_STEP_UP_TOKENS
        self.state = State()
        self.forgotten = 0
        """How often the codes were forgotten: a reading that was begun before the last time is of no use."""
        self._unkept: StorageError | None = None
        self._user_id = ""
        self._watchers: list[Callable[[State], None]] = []

    @property
    def notice(self) -> str:
        """That the session ends soon, as a sentence; empty where it does not."""
        if self.state.session is not None and 0 < self.remaining < EXPIRY_NOTICE:
            return f"Your session ends in {formatting.duration(self.remaining)}; after that, sign in again."
        return ""

    @property
    def place(self) -> str:
        """The service's name, for people."""
        if self.profile.is_built_in:
            return "embedded service"
        host = urlsplit(self.profile.api_url).netloc
        return f"{self.profile.name}, {host}"

    def watch(self, watcher: Callable[[State], None]) -> Callable[[], None]:
        """Have `watcher` told each new state from now on, until what this returns is called."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def become(self, state: State) -> None:
        """Make this the state, and tell the watchers."""
        self.state = state
        if state.session is not None:
            self._user_id = state.session.user.id
        for watcher in self._watchers:
            watcher(state)

    @property
    def session(self) -> Session:
        """The session.

        Raises:
            NotSignedInError: There is none. So do the properties below.
        """
        if self.state.session is None:
            raise NotSignedInError
        return self.state.session

    @property
    def user(self) -> models.SdkUser:
        """Who is signed in."""
        return self.session.user

    @property
    def token(self) -> Secret:
        """The session's token."""
        return self.session.token

    @property
    def remaining(self) -> int:
        """How long the session lasts, in seconds."""
        return max(0, self.session.expires_at - int(time.time()))

    def begin(self, session: Session) -> None:
        """Make this the session, and keep it for the next start unless its challenge is pending.

        That it could not be kept is no reason to lose it: it goes on in memory, and `state.warning` says so. What is
        known of another user is dropped.
        """
        state = self._with(session)
        if state.stage is not Stage.CHALLENGE_PENDING:
            state = replace(state, warning=self._keep(session, state.warning))
        self.become(state)

    def take_up(self, session: Session) -> None:
        """Make a session that was kept the session. What is known of another user is dropped."""
        self.become(self._with(session))

    def _with(self, session: Session) -> State:
        known = self.state if session.user.id == self._user_id else State()
        return replace(known, session=session, session_expired=False)

    def _keep(self, session: Session, trouble: MfaTuiError | None) -> MfaTuiError | None:
        """Keep the session, and return what is wrong then: that it could not be kept, or what was wrong otherwise."""
        try:
            self.sessions.save(session)
        except StorageError as error:
            self._unkept = error
            return error
        return None if trouble is self._unkept else trouble

    def begin_from(self, answer: models.VerifyResponse) -> None:
        """Make what a sign-in, a refresh or a factor answered the session.

        An answer without a token, as in cookie mode, leaves the token that is held.
        """
        token = answer.minified_jwt if isinstance(answer.minified_jwt, Secret) else answer.jwt
        if not isinstance(token, Secret):
            token = self.token
        if isinstance(answer.mfa_token, Secret):
            self.step_up = replace(self.step_up, mfa_token=answer.mfa_token)
        if answer.elevated_access_token is not None:
            self.step_up = replace(self.step_up, elevated_access_token=answer.elevated_access_token)
        session = Session(
            api_url=self.profile.api_url,
            environment_id=self.client.environment_id,
            token=token,
            since=int(time.time()),
            expires_at=answer.expires_at,
            user=answer.user,
        )
        self.begin(session)

    @contextmanager
    def consume_step_up(self) -> Iterator[StepUpTokens]:
        """Hand out the tokens that a fresh factor gave, for one action: after it they are no longer held.

        Where the action was not sent, they are good still, and held again. Source: `consumeMfaToken` in the vendor's
        SDK hands a token out once.
        """
        held, self.step_up = self.step_up, NO_STEP_UP_TOKENS
        try:
            yield held
        except NotSentError:
            self.step_up = held
            raise

    def forget_codes(self) -> None:
        """Know the codes no longer: one of them may be dead. An answer that is on its way is of before."""
        self.forgotten += 1
        self.become(replace(self.state, codes=None))

    def end(self) -> None:
        """Hold no session any more: it ended, or was refused. What is kept on disk stays."""
        self.step_up = NO_STEP_UP_TOKENS
        self.become(replace(self.state, session=None, session_expired=self.state.session is not None))

    def update_user(self, user: models.SdkUser) -> None:
        """Take over what the service now says of the user."""
        if self.state.session is not None and self.state.session.user != user:
            self.begin(msgspec.structs.replace(self.state.session, user=user))
