"""The state of an account, its subscribers, and the session it holds and stores."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from typing import Protocol
from urllib.parse import urlsplit

from msgspec.structs import replace

from mfa_tui import formatting
from mfa_tui.account.state import Stage, State
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.errors import NotSentError, NotSignedInError
from mfa_tui.client.headers import NO_STEP_UP_TOKENS, StepUpTokens
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol.user import SdkUser, VerifyResponse
from mfa_tui.redaction import Secret
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.profile import Profile
from mfa_tui.storage.record_file import RecordFile
from mfa_tui.storage.sessions import Session, SessionStore
from mfa_tui.timing import DEFAULT_TIMING, Timing


class Mailbox(Protocol):
    """A mailbox that the program can read: the built-in service's outbox."""

    address: str

    async def code_from(self, verification_uuid: str) -> Secret:
        """Return the six-digit code of the e-mail for this verification."""


class AccountBase:
    """Holds the state of an account and the session.

    Args:
        client: The client of the service.
        profile: The environment and the user's e-mail address.
        sessions: Stores the session between starts.
        records: Returns the record of the set of a service, an environment and a user.
        mailbox: Receives sign-in e-mails, if the program can read them.
        serve_pages: Serves the page of a hand-off in this program and returns its origin; None if the service does.
        write_profile: Writes a new profile into the configuration; may block.
        timing: The waits.
    """

    def __init__(  # noqa: PLR0913 - everything that an account needs is handed in, and replaced by tests
        self,
        client: DynamicClient,
        profile: Profile,
        sessions: SessionStore,
        records: Callable[[tuple[str, str, str]], RecordFile],
        *,
        mailbox: Mailbox | None = None,
        serve_pages: Callable[[], AbstractAsyncContextManager[str | None]] = nullcontext,
        write_profile: Callable[[Profile], None] = lambda _: None,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._client = client
        self._profile = profile
        self._sessions = sessions
        self._records = records
        self._mailbox = mailbox
        self._serve_pages = serve_pages
        self._write_profile = write_profile
        self._timing = timing
        self._state = State()
        self._step_up_tokens = NO_STEP_UP_TOKENS
        self._codes_generation = 0
        self._storage_warning: StorageError | None = None
        self._account_key: tuple[str, str, str] | None = None
        """The service, the environment and the user of the last session, which the codes of the state belong to."""
        self._sign_outs = 0
        self._subscribers: list[Callable[[State], None]] = []
        self._storing = asyncio.Lock()

    @property
    def state(self) -> State:
        """The current state."""
        return self._state

    @property
    def profile(self) -> Profile:
        """The environment and the user's e-mail address."""
        return self._profile

    @property
    def client(self) -> DynamicClient:
        """The client of the service, for requests that an account has no method for."""
        return self._client

    @property
    def signs_in_automatically(self) -> bool:
        """Whether the program can read the sign-in e-mails, so that the user need not type a code."""
        return self._mailbox is not None

    @property
    def service_name(self) -> str:
        """The name of the service, to show to the user."""
        if self._profile.is_built_in:
            return "built-in service"
        return f"{self._profile.name}, {urlsplit(self._profile.api_url).netloc}"

    @property
    def session(self) -> Session:
        """The session.

        Raises:
            NotSignedInError: No session exists.
        """
        if self._state.session is None:
            raise NotSignedInError
        return self._state.session

    @property
    def user(self) -> SdkUser:
        """The signed-in user.

        Raises:
            NotSignedInError: No session exists.
        """
        return self.session.user

    @property
    def session_time_left(self) -> int:
        """Seconds until the session expires.

        Raises:
            NotSignedInError: No session exists.
        """
        return max(0, self.session.expires_at - int(time.time()))

    @property
    def session_expires_soon(self) -> bool:
        """Whether a session exists and expires within the seconds of `Timing.expiry_warning`."""
        return self._state.session is not None and self.session_time_left < self._timing.expiry_warning

    @property
    def expiry_warning(self) -> str:
        """A sentence that says when the session expires, if that is soon; else empty."""
        if self.session_expires_soon and self.session_time_left > 0:
            return f"Your session ends in {formatting.duration(self.session_time_left)}; after that, sign in again."
        return ""

    def subscribe(self, subscriber: Callable[[State], None]) -> Callable[[], None]:
        """Call a function with each new state, in the account's event loop.

        Args:
            subscriber: The function; it must return soon, and not raise.

        Returns:
            A function without arguments that ends the subscription.
        """
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def warn(self, warning: MfaTuiError) -> None:
        """Set `state.warning`, which the next warning replaces."""
        self._set_state(replace(self._state, warning=warning))

    async def save_profile(self) -> None:
        """Write the profile into the configuration, if it is new.

        Raises:
            ConfigError: The configuration is invalid.
            StorageError: It could not be written.
        """
        if not self._profile.known:
            await asyncio.to_thread(self._write_profile, self._profile)
            self._profile = replace(self._profile, known=True)

    @property
    def _token(self) -> Secret:
        return self.session.token

    def _set_state(self, state: State) -> None:
        self._state = state
        if state.session is not None:
            self._account_key = state.session.account_key
        for subscriber in list(self._subscribers):
            subscriber(state)

    def _resume_session(self, session: Session) -> None:
        """Use a stored session. The state of another user is dropped."""
        known = self._state if session.account_key == self._account_key else State()
        self._set_state(replace(known, session=session, session_expired=False))

    async def _start_session(self, session: Session) -> None:
        """Use a new session, and store it for the next start unless its challenge is pending.

        If it cannot be stored it is kept in memory, and `state.warning` says so.
        """
        self._resume_session(session)
        await self._store_session()

    async def _store_session(self) -> None:
        async with self._storing:
            session = self._state.session
            if session is None or self._state.stage is Stage.CHALLENGE_PENDING:
                return
            warning: StorageError | None = None
            try:
                await asyncio.to_thread(self._sessions.save, session)
            except StorageError as error:
                warning = error
        earlier, self._storage_warning = self._storage_warning, warning
        # Another warning may have come meanwhile: only this one's predecessor is removed.
        if warning is not None or (earlier is not None and self._state.warning is earlier):
            self._set_state(replace(self._state, warning=warning))

    async def _load_session(self) -> Session | None:
        """Return the stored session, if it is for this environment and has not expired."""
        session = await asyncio.to_thread(self._sessions.load)
        if session is None or session.expires_at <= time.time():
            return None
        here = (self._profile.api_url, self._client.environment_id)
        return session if (session.api_url, session.environment_id) == here else None

    async def _apply_response(self, response: VerifyResponse) -> None:
        """Use the session of a response to a sign-in, a refresh or a factor.

        A response without a token, as in cookie mode, leaves the current token.
        """
        token = response.minified_jwt if isinstance(response.minified_jwt, Secret) else response.jwt
        if not isinstance(token, Secret):
            token = self._token
        if isinstance(response.mfa_token, Secret):
            self._step_up_tokens = replace(self._step_up_tokens, mfa_token=response.mfa_token)
        if response.elevated_access_token is not None:
            self._step_up_tokens = replace(self._step_up_tokens, elevated_access_token=response.elevated_access_token)
        session = Session(
            api_url=self._profile.api_url,
            environment_id=self._client.environment_id,
            token=token,
            since=int(time.time()),
            expires_at=response.expires_at,
            user=response.user,
        )
        await self._start_session(session)

    async def _update_user(self, user: SdkUser) -> None:
        """Replace the user of the session by the one that the service has returned."""
        if self._state.session is not None and self._state.session.user != user:
            await self._start_session(replace(self._state.session, user=user))

    @contextmanager
    def _consume_step_up_tokens(self) -> Iterator[StepUpTokens]:
        """Yield the step-up tokens for one action and drop them; they are kept if the action was not sent.

        Source: `consumeMfaToken` of the vendor's SDK returns a token once.
        """
        tokens, self._step_up_tokens = self._step_up_tokens, NO_STEP_UP_TOKENS
        try:
            yield tokens
        except NotSentError:
            self._step_up_tokens = tokens
            raise

    def _invalidate_codes(self) -> None:
        """Drop the codes, since one of them may be used; a read that is under way is repeated."""
        self._codes_generation += 1
        self._set_state(replace(self._state, codes=None, numbers=()))

    def _expire_session(self) -> None:
        """Drop the session, which ended or was refused; the stored one stays."""
        self._step_up_tokens = NO_STEP_UP_TOKENS
        self._set_state(replace(self._state, session=None, session_expired=self._state.session is not None))
