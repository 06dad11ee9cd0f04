"""The folders for the program's files, on each system."""

from pathlib import Path
from typing import NamedTuple, Self

import platformdirs


class AppPaths(NamedTuple):
    """The user's folders for this program; each is created when a file is first written to it."""

    config: Path
    """The configuration."""

    data: Path
    """The built-in service's database, keys and outbox."""

    state: Path
    """Sessions, without which the user signs in again, and the records of sets."""

    @property
    def records(self) -> Path:
        """The folder with the record of each account's set."""
        return self.state / "sets"

    @property
    def config_file(self) -> Path:
        """The file with the profiles, which need not exist."""
        return self.config / "config.toml"

    @classmethod
    def of_current_user(cls) -> Self:
        """Return the folders that the system's conventions give (XDG on Linux)."""
        folders = platformdirs.PlatformDirs("mfa-tui", appauthor=False)
        return cls(config=folders.user_config_path, data=folders.user_data_path, state=folders.user_state_path)
