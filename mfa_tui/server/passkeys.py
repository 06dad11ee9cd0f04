"""The ceremonies of passkeys: register one, and authenticate or sign in with one.

A passkey signs the service's challenge and its own counter. Using one takes two requests: the first returns the options
for the browser, with a challenge, and the second contains the signed data.
"""

from http import HTTPStatus
from types import ModuleType
from uuid import uuid4

from msgspec.structs import replace

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.passkeys import (
    AuthenticatePasskey,
    CreationOptions,
    CredentialParameters,
    RegisterPasskey,
    RelyingPartyEntity,
    RequestOptions,
    UserEntity,
)
from mfa_tui.protocol.user import VerifyResponse
from mfa_tui.server import notices, passkey_challenges, passkey_registry, relying_party, sessions, step_up, users
from mfa_tui.server.context import RequestContext
from mfa_tui.server.passkey_challenges import Purpose
from mfa_tui.server.passkey_registry import Passkey
from mfa_tui.server.refusal import RefusalError, bad_request
from mfa_tui.server.relying_party import RelyingParty
from mfa_tui.server.users import Factor, User

_MAX_USER_AGENT_LENGTH = 256


def creation_options(context: RequestContext, _request: None) -> CreationOptions:
    """`GET /users/passkeys/register`: Return the options for the creation of a passkey."""
    webauthn = _webauthn()
    step_up.check_enrolment(context)
    party = relying_party.find(context.headers, context.service.api.origins)
    return CreationOptions(
        challenge=passkey_challenges.create(context, Purpose.REGISTER, party),
        exclude_credentials=tuple(passkey.as_descriptor() for passkey in passkey_registry.with_room(context)),
        pub_key_cred_params=tuple(CredentialParameters(alg=algorithm) for algorithm in webauthn.ALGORITHMS),
        rp=RelyingPartyEntity(id=party.id, name="mfa-tui"),
        timeout=passkey_challenges.VALID_SECONDS * 1000,
        user=UserEntity(id=_handle(context.user), name=context.user.email, display_name=context.user.email),
    )


def register(context: RequestContext, request: RegisterPasskey) -> VerifyResponse:
    """`POST /users/passkeys/register`: Register a passkey, and complete the challenge with it."""
    webauthn = _webauthn()
    step_up.check_enrolment(context)
    step_up.require_step_up(context, models.CREDENTIAL_LINK)
    passkey_registry.with_room(context)
    challenge, party = passkey_challenges.use_up(context, Purpose.REGISTER, request.response.client_data)
    try:
        created = webauthn.verify_registration(request, challenge, party)
    except webauthn.InvalidPasskeyError:
        raise bad_request("The new passkey is not valid.", commits=True) from None
    if context.db.exists("SELECT 1 FROM passkeys WHERE credential_id = ?", created.id):
        raise bad_request("This passkey is registered already.", commits=True)
    context.db.execute(
        "INSERT INTO passkeys (id, user_number, credential_id, data, sign_count, transports, origin, user_agent,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        str(uuid4()),
        context.user.number,
        created.id,
        created.data,
        created.sign_count,
        " ".join(request.response.transports),
        party.origin,
        context.headers.get("user-agent", "")[:_MAX_USER_AGENT_LENGTH] or None,
        context.db.now,
    )
    notices.factor_added(context, "a passkey")
    user = users.record_verified_method(context.db, context.user)
    return _authenticated(context, user, request)


def request_options(context: RequestContext, _request: None) -> RequestOptions:
    """`GET /users/passkeys/authenticate`: Return the options for authenticating with one of the user's passkeys."""
    party = _related_party(context)
    return RequestOptions(
        challenge=passkey_challenges.create(context, Purpose.AUTHENTICATE, party),
        timeout=passkey_challenges.VALID_SECONDS * 1000,
        rp_id=party.id,
        user_verification="preferred",
        allow_credentials=tuple(passkey.as_descriptor() for passkey in passkey_registry.owned(context)),
    )


def authenticate(context: RequestContext, request: AuthenticatePasskey) -> VerifyResponse:
    """`POST /users/mfa/auth/passkey`: Complete the challenge with a passkey."""
    challenge, party = passkey_challenges.use_up(context, Purpose.AUTHENTICATE, request.response.client_data)
    passkey = _known(context, request)
    if passkey.user_number != context.user.number:
        raise _not_accepted()
    _verify(context, request, passkey, challenge, party, user_verified=False)
    return _authenticated(context, context.user, request)


def sign_in_options(context: RequestContext, _request: None) -> RequestOptions:
    """`GET /users/passkeys/signin`: Return the options for signing in with any passkey that the browser has."""
    party = _related_party(context)
    return RequestOptions(
        challenge=passkey_challenges.create(context, Purpose.SIGN_IN, party),
        timeout=passkey_challenges.VALID_SECONDS * 1000,
        rp_id=party.id,
        user_verification="required",
    )


def sign_in(context: RequestContext, request: AuthenticatePasskey) -> VerifyResponse:
    """`POST /users/passkeys/signin`: Start a session for the user of a passkey.

    Its challenge is not pending: the authenticator has verified the user, so the passkey is two factors in one.
    """
    challenge, party = passkey_challenges.use_up(context, Purpose.SIGN_IN, request.response.client_data)
    passkey = _known(context, request)
    user = users.get(context.db, passkey.user_number)
    if request.response.user_handle != _handle(user):
        raise _not_accepted()
    _verify(context, request, passkey, challenge, party, user_verified=True)
    context = sessions.start(context, user, Factor.PASSKEY)
    return sessions.verify_response(context, step_up.issue_tokens(context, request), new_user=False)


def are_available() -> bool:
    """Return whether the library is installed, which the extra `passkey` installs."""
    from importlib.util import find_spec  # noqa: PLC0415 - 2 ms, only for passkeys and the settings

    return find_spec("fido2") is not None


def _webauthn() -> ModuleType:
    """Import the checks, which take 150 ms to import and need the library.

    Raises:
        RefusalError: The library is not installed.
    """
    if not are_available():
        text = "Passkeys need the extra: pip install 'mfa-tui[passkey]'. Then start the service again."
        raise RefusalError(HTTPStatus.NOT_IMPLEMENTED, text)
    from mfa_tui.server import webauthn  # noqa: PLC0415 - fido2, only for passkeys

    return webauthn


def _related_party(context: RequestContext) -> RelyingParty:
    _webauthn()
    return relying_party.find(context.headers, context.service.api.origins, context.query.get("relatedOriginRpId"))


def _known(context: RequestContext, request: AuthenticatePasskey) -> Passkey:
    try:
        credential_id = codec.base64url_decode(request.id)
    except ValueError:
        raise bad_request("The id of the passkey is not base64url.", commits=True) from None
    passkey = passkey_registry.find(context.db, credential_id)
    if passkey is None:
        raise _not_accepted()
    return passkey


def _verify(  # noqa: PLR0913 - the values that the authenticator has signed
    context: RequestContext,
    request: AuthenticatePasskey,
    passkey: Passkey,
    challenge: str,
    party: RelyingParty,
    *,
    user_verified: bool,
) -> None:
    """Check what a passkey has signed, and store its counter.

    Raises:
        RefusalError: The signature, a flag, the user handle or the counter is wrong.
    """
    webauthn = _webauthn()
    handle = request.response.user_handle
    if isinstance(handle, str) and handle != _handle(users.get(context.db, passkey.user_number)):
        raise _not_accepted()
    try:
        count = webauthn.verify_assertion(request, challenge, party, passkey.data, user_verified=user_verified)
    except webauthn.InvalidPasskeyError:
        raise _not_accepted() from None
    # A counter that did not grow means that the passkey was copied (WebAuthn level 2, section 6.1.1). Authenticators
    # without a counter always send 0. Of concurrent requests, the condition on the stored counter lets one through.
    grows = count > passkey.sign_count or count == passkey.sign_count == 0
    query = "UPDATE passkeys SET sign_count = ?, used_at = ? WHERE id = ? AND sign_count = ?"
    if not grows or context.db.execute(query, count, context.db.now, passkey.id, passkey.sign_count) != 1:
        raise _not_accepted()


def _authenticated(
    context: RequestContext, user: User, request: AuthenticatePasskey | RegisterPasskey
) -> VerifyResponse:
    context = sessions.complete_challenge(context.with_session(replace(context.session, user=user)))
    return sessions.verify_response(context, step_up.issue_tokens(context, request))


def _not_accepted() -> RefusalError:
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The passkey was not accepted.",
        code=ErrorCode.MFA_INVALID_CODE,
        commits=True,
    )


def _handle(user: User) -> str:
    """Return the user handle that the authenticator stores, in base64url: at most 64 bytes, without personal data."""
    return codec.base64url_encode(user.id.encode())
