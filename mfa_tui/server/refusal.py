"""The error that a handler raises to refuse a request."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from msgspec import UNSET

from mfa_tui.protocol.codec import encode
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.service import ErrorBody

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class RefusalError(Exception):
    """A request is refused; becomes an error response.

    Args:
        status: The HTTP status of the response.
        text: The text for the user. It never contains anything that was sent.
        code: The reason, if the API has a code for it.
        commits: Whether the changes made while handling the request are committed, such as the count of wrong
            attempts. Otherwise they are rolled back. A refusal that commits has no further headers.
        headers: Further headers of the response, such as `retry-after`.
    """

    def __init__(
        self,
        status: HTTPStatus,
        text: str,
        *,
        code: ErrorCode | None = None,
        commits: bool = False,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.code = code
        self.commits = commits
        self.headers = headers

    @property
    def body(self) -> bytes:
        """The body of the response."""
        return encode(ErrorBody(error=self.text, code=UNSET if self.code is None else self.code))


def bad_request(text: str, *, commits: bool = False) -> RefusalError:
    """Return the refusal of a request that is not as documented."""
    return RefusalError(HTTPStatus.BAD_REQUEST, text, commits=commits)


def challenge_pending() -> RefusalError:
    """Return the refusal of a request if it requires a session whose challenge is not pending."""
    return RefusalError(
        HTTPStatus.FORBIDDEN, "Complete the MFA challenge first.", code=ErrorCode.REQUIRES_ADDITIONAL_AUTH
    )


def device_not_found() -> RefusalError:
    """Return the refusal of a request that names a device or a passkey which the user does not have."""
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, "Device not found.", code=ErrorCode.MFA_DEVICE_NOT_FOUND)


def unauthorized(text: str = "The session is not valid. Sign in again.", *, commits: bool = False) -> RefusalError:
    """Return the refusal of a request if its token is missing or not valid."""
    return RefusalError(HTTPStatus.UNAUTHORIZED, text, commits=commits, headers={"www-authenticate": "Bearer"})


def wrong_code() -> RefusalError:
    """Return the refusal of a wrong code, whose attempt is counted."""
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The code is wrong or has been used.",
        code=ErrorCode.MFA_INVALID_CODE,
        commits=True,
    )
