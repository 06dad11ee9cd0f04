"""The account of a user at one service."""

from mfa_tui.account import rules
from mfa_tui.account.passkeys import PasskeyMethods


class Account(PasskeyMethods):
    """A user's account at one service: its state, and everything that can be done with it.

    Operations return their result and raise an `MfaTuiError` on failure; each changes `state`, and subscribers receive
    it. An operation that needs a session raises `NotSignedInError`, an `ApiError`, if none exists. Operations that the
    vendor's SDK also has keep its names, in snake case. `mfa_tui.connect` opens an account. Use it in one event loop.
    """

    def is_user_missing_mfa_auth(self) -> bool:
        """Return whether an MFA challenge is pending.

        Raises:
            NotSignedInError: No session exists.
        """
        return rules.is_user_missing_mfa_auth(self.user)

    def is_pending_recovery_codes_acknowledgment(self) -> bool:
        """Return whether the recovery codes are not confirmed yet.

        Raises:
            NotSignedInError: No session exists.
        """
        return rules.is_pending_recovery_codes_acknowledgment(self.user)

    def is_user_onboarding_complete(self) -> bool:
        """Return whether the service asks for nothing more: no field, factor, confirmation or device.

        Raises:
            NotSignedInError: No session exists.
        """
        return rules.is_user_onboarding_complete(self.user)
