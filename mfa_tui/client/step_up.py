"""The tokens that a fresh factor gives for one action, or for some minutes of them."""

from dataclasses import dataclass

from mfa_tui.protocol import models
from mfa_tui.redaction import Secret


@dataclass(frozen=True)
class StepUpTokens:
    """What is held of such tokens. None is kept on disk."""

    mfa_token: Secret | None = None
    elevated_access_token: Secret | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers that carry the tokens."""
        held = {
            models.MFA_TOKEN_HEADER: self.mfa_token,
            models.ELEVATED_TOKEN_HEADER: self.elevated_access_token,
        }
        return {name: token.reveal() for name, token in held.items() if token is not None}


NO_STEP_UP_TOKENS = StepUpTokens()
