"""The passkeys that users have: find, list, rename and delete them."""

import msgspec
from msgspec import UNSET

from mfa_tui.protocol import codec, models
from mfa_tui.protocol.passkeys import CredentialDescriptor, DeletePasskey, RenamePasskey, UserPasskeys
from mfa_tui.server import notices, step_up
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import bad_request, device_not_found
from mfa_tui.server.store import Transaction

MAX_PASSKEYS = 20
"""How many passkeys a user may have: the options list all of them."""

_SELECT = (
    "SELECT id, user_number, credential_id, data, sign_count, transports, origin, user_agent, alias, created_at,"
    " used_at FROM passkeys"
)


class Passkey(msgspec.Struct, frozen=True):
    """A row of the table `passkeys`."""

    id: str
    user_number: int
    credential_id: bytes
    data: bytes
    sign_count: int
    transports: str
    origin: str
    user_agent: str | None
    alias: str | None
    created_at: int
    used_at: int | None

    def as_user_passkey(self) -> models.UserPasskey:
        """Return the passkey as the API describes it."""
        return models.UserPasskey(
            id=self.id,
            credential_id=codec.base64url_encode(self.credential_id),
            created_at=codec.date(self.created_at),
            updated_at=UNSET if self.used_at is None else codec.date(self.used_at),
            alias=self.alias or UNSET,
            user_agent=self.user_agent or UNSET,
            origin=self.origin,
        )

    def as_descriptor(self) -> CredentialDescriptor:
        """Return the passkey as the options of a ceremony name it."""
        transports = tuple(self.transports.split())
        return CredentialDescriptor(id=codec.base64url_encode(self.credential_id), transports=transports or UNSET)


def list_own(context: RequestContext, _request: None) -> UserPasskeys:
    """`GET /users/passkeys`: Return the user's passkeys."""
    found = tuple(passkey.as_user_passkey() for passkey in owned(context))
    return UserPasskeys(count=len(found), passkeys=found)


def rename(context: RequestContext, request: RenamePasskey) -> models.UserPasskey:
    """`PUT /users/passkeys`: Rename a passkey."""
    alias = request.alias or None
    query = "UPDATE passkeys SET alias = ? WHERE id = ? AND user_number = ?"
    if context.db.execute(query, alias, request.id, context.user.number) == 0:
        raise device_not_found()
    return next(passkey for passkey in owned(context) if passkey.id == request.id).as_user_passkey()


def delete(context: RequestContext, request: DeletePasskey) -> None:
    """`DELETE /users/passkeys`: Delete a passkey. It requires step-up authentication."""
    if not any(passkey.id == request.passkey_id for passkey in owned(context)):
        raise device_not_found()
    step_up.require_step_up(context, models.CREDENTIAL_UNLINK)
    context.db.execute("DELETE FROM passkeys WHERE id = ?", request.passkey_id)
    notices.factor_removed(context, "a passkey")


def owned(context: RequestContext) -> list[Passkey]:
    """Return the user's passkeys, the oldest first."""
    query = f"{_SELECT} WHERE user_number = ? ORDER BY created_at, id"
    return context.db.fetch_all(Passkey, query, context.user.number)


def with_room(context: RequestContext) -> list[Passkey]:
    """Return the user's passkeys.

    Raises:
        RefusalError: The user may not have another one.
    """
    own = owned(context)
    if len(own) >= MAX_PASSKEYS:
        raise bad_request(f"You have {MAX_PASSKEYS} passkeys. Delete one first.")
    return own


def find(db: Transaction, credential_id: bytes) -> Passkey | None:
    """Return the passkey with this credential id, of any user."""
    return db.fetch_one(Passkey, f"{_SELECT} WHERE credential_id = ?", credential_id)
