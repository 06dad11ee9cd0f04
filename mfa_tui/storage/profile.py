"""Profiles: each names the environment that has a user's codes."""

import re
import uuid
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from mfa_tui import sanitize
from mfa_tui.errors import UsageError

HOSTED_URL = "https://app.dynamicauth.com/api/v0"
"""The vendor's service."""

BUILT_IN = "embedded"
"""The name of the built-in service's profile."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
"""A name in ASCII, or an IPv6 address: `urlsplit` accepts hosts that no request can reach."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ConfigError(UsageError):
    """The configuration file, or an override of it, is wrong.

    Args:
        source: The file, the profile in it, or the option.
        problem: What is wrong; it may lack a full stop. It names fields, never their values.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(
            f"{sanitize.one_line(source, 200)}: {problem if problem.endswith(('.', '?')) else f'{problem}.'}",
            hint="Correct it, or name another profile with --profile.",
        )


class Profile(msgspec.Struct, frozen=True):
    """The environment that has a user's codes. The program asks for an empty field when it needs it."""

    name: str = BUILT_IN
    environment_id: str = ""
    email: str = ""
    api_url: str = HOSTED_URL
    known: bool = False
    """Whether the configuration has it."""

    @property
    def is_built_in(self) -> bool:
        """Whether this is the built-in service's profile."""
        return self.name == BUILT_IN


class ProfileOverrides(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line and the environment that come before the configuration file."""

    profile: str | None = None
    environment_id: str | None = None
    email: str | None = None
    api_url: str | None = None

    @property
    def has_fields(self) -> bool:
        """Whether a field of the profile is overridden."""
        return bool(self.environment_id or self.email or self.api_url)


def checked_name(name: str) -> str:
    """Return a profile's name.

    Raises:
        ConfigError: It is not one.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError("profile", "a name has letters, digits, - and _ only, at most 32")
    return name


def parse_environment_id(typed: str) -> str | None:
    """Return an environment id in the API's form, a lower-case UUID, or None if the text is not one."""
    try:
        return str(uuid.UUID(typed.strip()))
    except ValueError:
        return None


def checked(profile: Profile, source: str) -> Profile:
    """Return a profile with its fields in the API's form.

    Raises:
        ConfigError: A field is wrong; `source` says where it stands.
    """
    environment_id = profile.environment_id and parse_environment_id(profile.environment_id)
    if environment_id is None:
        raise ConfigError(source, "environment_id is not a UUID, such as 2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11")
    return replace(profile, environment_id=environment_id, api_url=_checked_url(profile.api_url, source))


def _checked_url(api_url: str, source: str) -> str:
    try:
        url = urlsplit(api_url)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    is_address = host and _HOST.fullmatch(host) and "@" not in url.netloc and not (url.query or url.fragment)
    if not is_address or url.scheme not in {"http", "https"}:
        raise ConfigError(source, f"api_url is not an address such as {HOSTED_URL}")
    if url.scheme == "http" and host not in _LOOPBACK:
        raise ConfigError(source, "api_url must start with https: others on the network could read your codes")
    return api_url.rstrip("/")
