"""The rules that derive pending steps from the service's user, with the SDK's names."""

import pytest

from mfa_tui.account import rules
from mfa_tui.protocol import codec, models
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.protocol.user import SdkUser


def user(**fields: object) -> SdkUser:
    return codec.convert({"id": "u"} | fields, SdkUser)


@pytest.mark.parametrize(
    ("scope", "missing"),
    [
        (None, False),
        ("", False),
        ("user:basic", False),
        ("requiresAdditionalAuth", True),
        ("user:basic requiresAdditionalAuth", True),
        ("requiresAdditionalAuthentication", False),
    ],
)
def test_challenge_is_pending_if_the_scope_says_so(scope: str | None, missing: bool) -> None:
    assert rules.is_user_missing_mfa_auth(user(scope=scope)) is missing
    assert rules.is_user_onboarding_complete(user(scope=scope)) is not missing


@pytest.mark.parametrize(("said", "pending"), [(None, False), ("complete", False), ("pending", True), ("later", False)])
def test_codes_are_unsaved_while_the_acknowledgement_is_pending(said: str | None, pending: bool) -> None:
    assert rules.is_pending_recovery_codes_acknowledgment(user(mfaBackupCodeAcknowledgement=said)) is pending
    assert rules.is_user_onboarding_complete(user(mfaBackupCodeAcknowledgement=said)) is not pending


@pytest.mark.parametrize("unfinished", [{"missingFields": [{"name": "username"}]}, {"scope": "device:register"}])
def test_missing_field_or_device_leaves_onboarding_open(unfinished: dict[str, object]) -> None:
    assert not rules.is_user_onboarding_complete(user(**unfinished))


@pytest.mark.parametrize(
    ("mfa", "has_methods", "required"),
    [
        (None, True, False),
        ({"required": True, "actions": []}, True, False),
        ({"required": True, "actions": [{"action": "send", "required": False}]}, True, False),
        ({"required": True, "actions": [{"action": "other", "required": True}]}, True, False),
        ({"required": True, "actions": [{"action": "send", "required": True}]}, False, True),
        ({"required": False, "actions": [{"action": "send", "required": True}]}, False, False),
        ({"required": False, "actions": [{"action": "send", "required": True}]}, True, True),
    ],
)
def test_action_requires_a_factor_if_set_and_available(
    mfa: dict[str, object] | None,
    has_methods: bool,
    required: bool,
) -> None:
    settings = codec.convert({"security": {"mfa": mfa}}, ProjectSettings)
    methods = models.MfaMethods(devices=(), user_has_verified_mfa_methods=has_methods)
    assert rules.is_mfa_required_for_action("send", settings, methods) is required
