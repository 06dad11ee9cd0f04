"""Properties of a user, derived from the service's description; the names are the SDK's. No request is made.

Source: the functions of the same names in `@dynamic-labs-sdk/client` 1.27.1.
"""

from mfa_tui.protocol import models
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.protocol.user import SdkUser


def is_user_missing_mfa_auth(user: SdkUser) -> bool:
    """Return whether an MFA challenge is pending: the session is good for the MFA calls alone."""
    return models.REQUIRES_ADDITIONAL_AUTH in _scopes(user)


def is_pending_recovery_codes_acknowledgment(user: SdkUser) -> bool:
    """Return whether there are recovery codes that the user has not confirmed as saved."""
    return user.mfa_backup_code_acknowledgement == "pending"


def is_user_onboarding_complete(user: SdkUser) -> bool:
    """Return whether the service asks for nothing more: no field, factor, confirmation or device."""
    return not (
        user.missing_fields
        or is_user_missing_mfa_auth(user)
        or is_pending_recovery_codes_acknowledgment(user)
        or models.DEVICE_REGISTER in _scopes(user)
    )


def is_mfa_required_for_action(action: str, settings: ProjectSettings, methods: models.MfaMethods) -> bool:
    """Return whether an action requires a step-up, given the environment's settings and the user's factors."""
    mfa = settings.security.mfa
    if mfa is None or not any(rule.required for rule in mfa.actions if rule.action == action):
        return False
    return mfa.required or methods.user_has_verified_mfa_methods


def _scopes(user: SdkUser) -> list[str]:
    return (user.scope or "").split()
