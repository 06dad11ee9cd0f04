"""Profiles: which environment a person's codes are at. They live in `config.toml`.

profile = "work"            # the one that is used where none is named

[profiles.work]
environment_id = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
email = "me@example.org"
api_url = "https://app.dynamicauth.com/api/v0"
"""

import difflib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mfa_tui import formatting, sanitize
from mfa_tui.errors import UsageError
from mfa_tui.storage import private_file

HOSTED_URL = "https://app.dynamicauth.com/api/v0"
"""The vendor's own service."""

BUILT_IN = "embedded"
"""The built-in profile: the service that the program carries inside."""

_MAX_BYTES = 64 * 1024
"""Bytes of the file."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
"""A name in ASCII, or an IPv6 address: what `urlsplit` takes for a host is wider than what can be called."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_OPTIONS = ("environment_id", "email", "api_url")


class ConfigError(UsageError):
    """The configuration does not say what it should."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(
            f"{sanitize.one_line(where, 200)}: {problem}.", hint="Mend it, or name another profile with --profile."
        )


class UnknownProfileError(UsageError):
    """A profile was named that there is not.

    Args:
        name: Its name.
        names: The profiles that there are.
    """

    def __init__(self, name: str, names: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, names, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        there = sanitize.one_line(formatting.listing(names), 200)
        super().__init__(
            f"There is no profile {name}.{meant}",
            hint=f"These are there: {there}. A new one is made by signing in: mfa-tui --profile {name} login.",
        )


@dataclass(frozen=True)
class Profile:
    """Where a person's codes are. A field that is empty is asked for when it is needed."""

    name: str = BUILT_IN
    environment_id: str = ""
    email: str = ""
    api_url: str = HOSTED_URL
    known: bool = False
    """Whether it stands in the configuration."""

    @property
    def is_built_in(self) -> bool:
        """Whether this is the service that the program carries inside."""
        return self.name == BUILT_IN


class Config:
    """The configuration file.

    Args:
        path: `config.toml`, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def profile(self, given: Mapping[str, str | None]) -> Profile:
        """Return the profile to use: the file's, overridden by what is `given`.

        `given` may name the `profile` and each of a profile's fields. A field that is given where no profile is
        named makes a hosted profile out of the embedded default. A name that the file does not know is a new
        profile.

        Raises:
            ConfigError: The file or what is given is not right.
            StorageError: The file could not be read.
        """
        # The built-in one takes nothing from the file, and so works where that is broken.
        tree = {} if given.get("profile") == BUILT_IN else self._read()
        name = given.get("profile") or _string(tree, "profile", str(self.path)) or BUILT_IN
        if not _NAME.fullmatch(name):
            raise ConfigError("profile", "a name has letters, digits, - and _ only, at most 32")
        profile = self._named(tree, name)
        if profile.is_built_in and any(given.get(field) for field in _OPTIONS):
            profile = Profile(name="hosted", known=True)
        profile = replace(
            profile,
            environment_id=given.get("environment_id") or profile.environment_id,
            email=given.get("email") or profile.email,
            api_url=given.get("api_url") or profile.api_url,
        )
        return _checked(profile, "the command line or the environment")

    def known_profile(self, given: Mapping[str, str | None]) -> Profile:
        """Return the profile to use, as `profile` does, where a new one would be a slip of the pen.

        Raises:
            UnknownProfileError: The file does not know it.
            ConfigError: The file or what is given is not right.
            StorageError: The file could not be read.
        """
        profile = self.profile(given)
        if not profile.known:
            raise UnknownProfileError(profile.name, [BUILT_IN, *self._read().get("profiles", {})])
        return profile

    def save(self, profile: Profile) -> None:
        """Add the profile to the file, or change it there; what else the file says stays as it is written.

        It does not become the one that is used where none is named: a command that was about one account must not
        be about another one all of a sudden. Who wants that writes it.

        Raises:
            ConfigError: The file is not right as it is.
            StorageError: It could not be written.
        """
        import tomlkit  # noqa: PLC0415 - 30 ms, for the one start that writes the file
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

        self._read()
        try:
            document = tomlkit.parse((self._content() or b"").decode())
        except (TOMLKitError, UnicodeDecodeError):
            raise ConfigError(str(self.path), "it is not TOML") from None
        table = document.setdefault("profiles", tomlkit.table(is_super_table=True)).setdefault(
            profile.name, tomlkit.table()
        )
        table.update({field: value for field in _OPTIONS if (value := getattr(profile, field))})
        # Through a link: people keep this file with others of its kind, and link to it.
        private_file.write(self.path.resolve(), tomlkit.dumps(document).encode())

    def _content(self) -> bytes | None:
        raw = private_file.read(self.path, _MAX_BYTES + 1)
        if raw is not None and len(raw) > _MAX_BYTES:
            raise ConfigError(str(self.path), f"it is larger than {_MAX_BYTES // 1024} KiB")
        return raw

    def _read(self) -> dict[str, Any]:
        raw = self._content()
        if not raw:
            return {}
        import tomllib  # noqa: PLC0415 - 18 ms, for those who have a file

        try:
            return tomllib.loads(raw.decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
            raise ConfigError(str(self.path), "it is not TOML") from None

    def _named(self, tree: dict[str, Any], name: str) -> Profile:
        where = f"{self.path}, profile {name}"
        profiles = tree.get("profiles", {})
        if not isinstance(profiles, dict):
            raise ConfigError(str(self.path), "profiles is not a table")
        if name == BUILT_IN and name in profiles:
            raise ConfigError(where, "it is built in and takes no fields: give yours another name")
        if name not in profiles:
            return Profile(name=name, known=name == BUILT_IN)
        table = profiles[name]
        if not isinstance(table, dict):
            raise ConfigError(where, "it is not a table")
        unknown = ", ".join(sorted(set(table) - set(_OPTIONS)))
        if unknown:
            raise ConfigError(where, f"it has fields that mean nothing: {sanitize.one_line(unknown, 80)}")
        profile = Profile(
            name=name,
            environment_id=_string(table, "environment_id", where),
            email=_string(table, "email", where),
            api_url=_string(table, "api_url", where) or HOSTED_URL,
            known=True,
        )
        return _checked(profile, where)


def environment_id_of(typed: str) -> str | None:
    """Return an environment id as the wire has it, a lower-case UUID, or None where it is none."""
    try:
        return str(uuid.UUID(typed.strip()))
    except ValueError:
        return None


def _checked(profile: Profile, where: str) -> Profile:
    environment_id = profile.environment_id and environment_id_of(profile.environment_id)
    if environment_id is None:
        raise ConfigError(where, "environment_id is not a UUID, such as 2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11")
    return replace(profile, environment_id=environment_id, api_url=_checked_url(profile.api_url, where))


def _checked_url(api_url: str, where: str) -> str:
    try:
        url = urlsplit(api_url)
        host, _ = url.hostname, url.port
    except ValueError:
        host = None
    is_address = host and _HOST.fullmatch(host) and "@" not in url.netloc and not (url.query or url.fragment)
    if not is_address or url.scheme not in {"http", "https"}:
        raise ConfigError(where, f"api_url is not an address such as {HOSTED_URL}")
    if url.scheme == "http" and host not in _LOOPBACK:
        raise ConfigError(where, "api_url must start with https: anybody on the way could read your codes")
    return api_url.rstrip("/")


def _string(table: Mapping[str, Any], name: str, where: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise ConfigError(where, f"{name} is not a text")
    return sanitize.one_line(value, 254)
