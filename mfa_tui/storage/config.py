"""The configuration file, `config.toml`, which has the user's profiles.

profile = "work"            # the default, if no profile is named

[profiles.work]
environment_id = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
email = "me@example.org"
api_url = "https://app.dynamicauth.com/api/v0"
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from mfa_tui import formatting, sanitize
from mfa_tui.errors import UsageError
from mfa_tui.storage import private_file
from mfa_tui.storage.profile import BUILT_IN, HOSTED_URL, ConfigError, Profile, ProfileOverrides, checked, checked_name

_MAX_BYTES = 64 * 1024
"""The largest file that is read."""

_TYPE_ERROR = re.compile(r"Expected `(\w+)`, got `\w+`(?: - at `\$\.(\w+)`)?")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_LINE = re.compile(r"at (line \d+)")
"""The line in an error of Python's own TOML parser."""

_TYPE_NAMES = {"str": "a string", "object": "a table"}


class UnknownProfileError(UsageError):
    """The named profile does not exist.

    Args:
        name: The profile's name.
        names: The profiles that exist.
    """

    def __init__(self, name: str, names: Sequence[str]) -> None:
        existing = sanitize.one_line(formatting.listing(names), 200)
        super().__init__(
            f"There is no profile {name}.{formatting.did_you_mean(name, names)}",
            hint=f"These exist: {existing}. To create a new one, give its environment: mfa-tui --profile {name} "
            "--environment-id UUID login.",
        )


class _ProfileTable(msgspec.Struct, forbid_unknown_fields=True):
    """A profile's table in the file."""

    environment_id: str = ""
    email: str = ""
    api_url: str = ""


class _ConfigTable(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file. A profile's table is checked when the profile is used: an error in another one is no obstacle."""

    profile: str = ""
    profiles: dict[str, Any] = {}


class Config:
    """The configuration file.

    Args:
        path: `config.toml`, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def profile(self, overrides: ProfileOverrides) -> Profile:
        """Return the profile to use: the file's, with the overrides applied.

        If a field is overridden and no profile is named, the result is a hosted profile instead of the built-in one.
        A name that the file does not have makes a new profile.

        Raises:
            ConfigError: The file or an override is wrong.
            StorageError: The file could not be read.
        """
        # The built-in profile takes nothing from the file, so it works even if the file is broken.
        table = _ConfigTable() if overrides.profile == BUILT_IN else self._read()
        name = checked_name(overrides.profile or sanitize.one_line(table.profile, 254) or BUILT_IN)
        profile = self._named(table, name)
        if profile.is_built_in and overrides.has_fields:
            profile = Profile(name="hosted", known=True)
        profile = replace(
            profile,
            environment_id=overrides.environment_id or profile.environment_id,
            email=overrides.email or profile.email,
            api_url=overrides.api_url or profile.api_url,
        )
        return checked(profile, "the command line or the environment")

    def known_profile(self, overrides: ProfileOverrides) -> Profile:
        """Return the profile to use, as `profile` does, but refuse a name that the file does not have.

        Raises:
            UnknownProfileError: The file has no such profile.
            ConfigError: The file or an override is wrong.
            StorageError: The file could not be read.
        """
        profile = self.profile(overrides)
        if not profile.known:
            raise UnknownProfileError(profile.name, self.names())
        return profile

    def new_or_known_profile(self, overrides: ProfileOverrides) -> Profile:
        """Return the profile to use, as `profile` does, but refuse a new name that is probably a mistyped known one.

        A new profile whose environment is given is meant.

        Raises:
            UnknownProfileError: The file has no such profile, but one with a similar name.
            ConfigError: The file or an override is wrong.
            StorageError: The file could not be read.
        """
        profile = self.profile(overrides)
        if not (profile.known or overrides.environment_id) and formatting.did_you_mean(profile.name, self.names()):
            raise UnknownProfileError(profile.name, self.names())
        return profile

    def names(self) -> list[str]:
        """Return the names of all profiles, the built-in one first.

        Raises:
            ConfigError: The file is wrong.
            StorageError: The file could not be read.
        """
        return [BUILT_IN, *self._read().profiles]

    def profiles(self) -> list[Profile]:
        """Return all profiles, the built-in one first.

        Raises:
            ConfigError: The file is wrong.
            StorageError: The file could not be read.
        """
        table = self._read()
        return [Profile(known=True), *(self._named(table, name) for name in table.profiles)]

    def make_default(self, profile: Profile) -> None:
        """Make a known profile the default.

        Raises:
            ConfigError: The file is wrong already.
            StorageError: The file could not be written.
        """
        document = self._document()
        document["profile"] = profile.name
        self._write(document)

    def remove(self, profile: Profile) -> None:
        """Remove a known profile; if it is the default, the built-in one takes its place.

        Raises:
            ConfigError: The file is wrong already.
            StorageError: The file could not be written.
        """
        document = self._document()
        document["profiles"].pop(profile.name)
        if document.get("profile") == profile.name:
            document.pop("profile")
        self._write(document)

    def save(self, profile: Profile) -> None:
        """Add the profile to the file, or change it there; the rest of the file stays unchanged.

        The profile does not become the default: later commands must not suddenly use another account.
        `make_default` does that.

        Raises:
            ConfigError: The file is wrong already.
            StorageError: The file could not be written.
        """
        import tomlkit  # noqa: PLC0415 - 30 ms, for the one start that writes the file

        document = self._document()
        table = document.setdefault("profiles", tomlkit.table(is_super_table=True)).setdefault(
            profile.name, tomlkit.table()
        )
        table.update({field: value for field in _ProfileTable.__struct_fields__ if (value := getattr(profile, field))})
        self._write(document)

    def _document(self) -> Any:  # noqa: ANN401 - as tomlkit types its documents
        """Return the file as a document that can be changed and keeps its comments."""
        import tomlkit  # noqa: PLC0415 - 30 ms, to write the file
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

        self._read()
        try:
            return tomlkit.parse((self._content() or b"").decode())
        except (TOMLKitError, UnicodeDecodeError):
            raise ConfigError(str(self.path), "it is not TOML") from None

    def _write(self, document: Any) -> None:  # noqa: ANN401 - as tomlkit types its documents
        # Through a link: users keep this file with others of its kind, and link to it.
        private_file.write(self.path.resolve(), document.as_string().encode())

    def _content(self) -> bytes | None:
        raw = private_file.read_configuration(self.path, _MAX_BYTES + 1)
        if raw is not None and len(raw) > _MAX_BYTES:
            raise ConfigError(str(self.path), f"it is larger than {_MAX_BYTES // 1024} KiB")
        return raw

    def _read(self) -> _ConfigTable:
        raw = self._content()
        if not raw:
            return _ConfigTable()  # without importing tomllib, which takes 18 ms
        try:
            return msgspec.toml.decode(raw, type=_ConfigTable)
        except msgspec.ValidationError as error:
            raise ConfigError(str(self.path), _problem(error, _ConfigTable)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = _LINE.search(str(error))
            raise ConfigError(str(self.path), f"{found[1]} is not TOML" if found else "it is not TOML") from None

    def _named(self, config: _ConfigTable, name: str) -> Profile:
        source = f"{self.path}, profile {name}"
        if name not in config.profiles:
            return Profile(name=name, known=name == BUILT_IN)
        if name == BUILT_IN:
            raise ConfigError(source, "it is built in and takes no fields: give yours another name")
        try:
            table = msgspec.convert(config.profiles[name], _ProfileTable)
        except msgspec.ValidationError as error:
            raise ConfigError(source, _problem(error, _ProfileTable)) from None
        profile = Profile(
            name=name,
            environment_id=sanitize.one_line(table.environment_id, 254),
            email=sanitize.one_line(table.email, 254),
            api_url=sanitize.one_line(table.api_url, 254) or HOSTED_URL,
            known=True,
        )
        return checked(profile, source)


def _problem(error: msgspec.ValidationError, table: type[msgspec.Struct]) -> str:
    """Return what msgspec found wrong in a table. Its messages name fields and types, never values."""
    if found := _UNKNOWN_FIELD.match(str(error)):
        field = sanitize.one_line(found[1], 80)
        suggestion = formatting.did_you_mean(field, table.__struct_fields__)
        return f"it has a field that means nothing: {field}.{suggestion}"
    found = _TYPE_ERROR.match(str(error))
    kind, name = (found[1], found[2]) if found else ("object", None)
    return f"{name or 'it'} is not {_TYPE_NAMES.get(kind, 'valid')}"
