"""A call that is answered with no."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from msgspec import UNSET

from mfa_tui.protocol.codec import encode
from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import ErrorBody

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class RefusalError(Exception):
    """The answer is no, in the wire's documented shape.

    Raised, it undoes what the call changed. Returned, it leaves it standing: so is a wrong try counted.

    Args:
        status: The HTTP status.
        text: What a person is told; never anything that was sent.
        code: The reason, where the wire has a word for it.
        retry_after: How long to wait before the next try, in seconds.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        text: str,
        *,
        code: ErrorCode | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.code = code
        self.headers = dict(headers)
        if retry_after is not None:
            self.headers["retry-after"] = str(retry_after)

    @property
    def body(self) -> bytes:
        """The answer's body."""
        return encode(ErrorBody(error=self.text, code=UNSET if self.code is None else self.code))


def malformed(text: str) -> RefusalError:
    """Return the refusal of a request that is not as documented."""
    return RefusalError(HTTPStatus.BAD_REQUEST, text)


def unauthorized(text: str = "The session is not valid: sign in again.") -> RefusalError:
    """Return the refusal of a call that needs a token which was not sent, or is not good."""
    return RefusalError(HTTPStatus.UNAUTHORIZED, text, headers={"www-authenticate": "Bearer"})
