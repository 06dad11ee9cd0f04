"""The fingerprint of a set of recovery codes, with which a request names a set without revealing it."""

import hashlib
import hmac
from collections.abc import Iterable

from mfa_tui.redaction import Secret

SET_HEADER = "x-mfa-tui-set"
"""The header that carries a fingerprint. The built-in service checks it; the hosted service ignores it.

With a confirmation it names the set that the user was shown, and with a rotation the set to replace. If another set is
valid, the service refuses with 409 `recovery_codes_changed`.
"""


def set_fingerprint(codes: Iterable[Secret], token: Secret) -> str:
    """Return the fingerprint of a set as hex digits: an HMAC-SHA-256 whose key is the bearer token of the request.

    Args:
        codes: The unused codes, as the service returns them, in any order.
        token: The bearer token of the request that carries the fingerprint, so that it is useless with another one.
    """
    message = "\n".join(sorted(code.reveal() for code in codes))
    return hmac.new(token.reveal().encode(), message.encode(), hashlib.sha256).hexdigest()
