"""The `code` of an error response.

Source: the API models of `@dynamic-labs-sdk/client` 1.27.1, and the vendor's public docs.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The `code` of an error body: the reason, independent of the status."""

    MFA_INVALID_CODE = "mfa_invalid_code"
    MFA_RATE_LIMITED = "mfa_rate_limited"
    MFA_INVALID_REQUEST = "mfa_invalid_request"
    MFA_DEVICE_NOT_FOUND = "mfa_device_not_found"
    WRONG_EMAIL_VERIFICATION_TOKEN = "wrong_email_verification_token"  # noqa: S105
    TOO_MANY_EMAIL_VERIFICATION_ATTEMPTS = "too_many_email_verification_attempts"
    REQUIRES_ADDITIONAL_AUTH = "requires_additional_auth"
    ENVIRONMENT_NOT_FOUND = "environment_not_found"
    RECOVERY_CODES_CHANGED = "recovery_codes_changed"
    """Specific to the built-in service: the request is about a set of codes that is no longer valid."""
    STORAGE_FAILED = "storage_failed"
    """Specific to the built-in service: the database could not be used, and nothing was changed."""
    STORAGE_FULL = "storage_full"
    """The same: its disk is full."""
    STORAGE_DAMAGED = "storage_damaged"
    """The same: it is damaged, or something in it cannot be decrypted."""
    STORAGE_MISSING = "storage_missing"
    """The same: its file was removed or replaced while the service runs."""
