"""View, save, rotate and use MFA recovery codes: a library, with `connect` as its entry point, and three front ends.

The names in `__all__` are the public API. Each is imported on first use, so that the command line imports only the code
that it runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

if TYPE_CHECKING:
    from mfa_tui.account.account import Account
    from mfa_tui.account.errors import (
        AuthenticatorExistsError,
        InvalidCodeInputError,
        InvalidEmailAddressError,
        InvalidEmailCodeInputError,
        NewCodesNotReturnedError,
        NotRevokedError,
        RotationUnknownError,
        StepUpDeclinedError,
        UnseenCodesError,
        UnsupportedSignInError,
    )
    from mfa_tui.account.rotation import RotationOutcome
    from mfa_tui.account.state import RotationStatus, Stage, State
    from mfa_tui.client.client import DynamicClient
    from mfa_tui.client.errors import (
        ApiError,
        ChallengePendingError,
        CodesNotReturnedError,
        InvalidCodeError,
        NotSentError,
        NotSignedInError,
        OutcomeUnknownError,
        RateLimitedError,
        RefusedError,
        StepUpRequiredError,
    )
    from mfa_tui.connection import connect
    from mfa_tui.errors import MfaTuiError, UsageError
    from mfa_tui.protocol.models import RecoveryCodes
    from mfa_tui.redaction import Secret
    from mfa_tui.server.errors import ServiceError
    from mfa_tui.storage.errors import StorageError
else:
    _MODULES = {
        "Account": "mfa_tui.account.account",
        "AuthenticatorExistsError": "mfa_tui.account.errors",
        "InvalidCodeInputError": "mfa_tui.account.errors",
        "InvalidEmailAddressError": "mfa_tui.account.errors",
        "InvalidEmailCodeInputError": "mfa_tui.account.errors",
        "NewCodesNotReturnedError": "mfa_tui.account.errors",
        "NotRevokedError": "mfa_tui.account.errors",
        "RotationUnknownError": "mfa_tui.account.errors",
        "StepUpDeclinedError": "mfa_tui.account.errors",
        "UnseenCodesError": "mfa_tui.account.errors",
        "UnsupportedSignInError": "mfa_tui.account.errors",
        "RotationOutcome": "mfa_tui.account.rotation",
        "RotationStatus": "mfa_tui.account.state",
        "Stage": "mfa_tui.account.state",
        "State": "mfa_tui.account.state",
        "DynamicClient": "mfa_tui.client.client",
        "ApiError": "mfa_tui.client.errors",
        "ChallengePendingError": "mfa_tui.client.errors",
        "CodesNotReturnedError": "mfa_tui.client.errors",
        "InvalidCodeError": "mfa_tui.client.errors",
        "NotSentError": "mfa_tui.client.errors",
        "NotSignedInError": "mfa_tui.client.errors",
        "OutcomeUnknownError": "mfa_tui.client.errors",
        "RateLimitedError": "mfa_tui.client.errors",
        "RefusedError": "mfa_tui.client.errors",
        "StepUpRequiredError": "mfa_tui.client.errors",
        "connect": "mfa_tui.connection",
        "MfaTuiError": "mfa_tui.errors",
        "UsageError": "mfa_tui.errors",
        "RecoveryCodes": "mfa_tui.protocol.models",
        "Secret": "mfa_tui.redaction",
        "ServiceError": "mfa_tui.server.errors",
        "StorageError": "mfa_tui.storage.errors",
    }

    def __getattr__(name: str) -> object:
        """Import a name of the public API (PEP 562)."""
        if name not in _MODULES:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "Account",
    "ApiError",
    "AuthenticatorExistsError",
    "ChallengePendingError",
    "CodesNotReturnedError",
    "DynamicClient",
    "InvalidCodeError",
    "InvalidCodeInputError",
    "InvalidEmailAddressError",
    "InvalidEmailCodeInputError",
    "MfaTuiError",
    "NewCodesNotReturnedError",
    "NotRevokedError",
    "NotSentError",
    "NotSignedInError",
    "OutcomeUnknownError",
    "RateLimitedError",
    "RecoveryCodes",
    "RefusedError",
    "RotationOutcome",
    "RotationStatus",
    "RotationUnknownError",
    "Secret",
    "ServiceError",
    "Stage",
    "State",
    "StepUpDeclinedError",
    "StepUpRequiredError",
    "StorageError",
    "UnseenCodesError",
    "UnsupportedSignInError",
    "UsageError",
    "connect",
]
