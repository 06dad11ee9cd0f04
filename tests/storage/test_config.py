"""Profiles: read from the file, overridden by options, and checked before any request is sent."""

import stat
from pathlib import Path

import pytest

from mfa_tui.storage.config import Config, UnknownProfileError
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.profile import BUILT_IN, HOSTED_URL, ConfigError, Profile, ProfileOverrides

ID = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
OTHER_ID = "b4c1e6a2-0000-4000-8000-000000000000"
WRITTEN = f"""\
# where my codes are
profile = "work"   # the usual one

[profiles.work]
environment_id = "{ID}"  # from the dashboard
email = "me@example.org"

[profiles.local]
environment_id = "{OTHER_ID}"
api_url = "http://127.0.0.1:8300/api/v0/"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "config" / "config.toml")


@pytest.fixture
def written(config: Config) -> Config:
    config.path.parent.mkdir()
    config.path.write_text(WRITTEN)
    return config


def test_profile_is_built_in_without_a_file(config: Config) -> None:
    profile = config.profile(ProfileOverrides())
    assert profile.name == BUILT_IN
    assert profile.is_built_in
    assert profile.known


def test_override_selects_another_profile_than_the_file(written: Config) -> None:
    assert written.profile(ProfileOverrides()) == Profile("work", ID, "me@example.org", HOSTED_URL, known=True)
    local = written.profile(ProfileOverrides(profile="local"))
    assert (local.environment_id, local.api_url) == (OTHER_ID, "http://127.0.0.1:8300/api/v0")
    assert written.profile(ProfileOverrides(profile="embedded")).is_built_in


def test_overridden_field_comes_before_the_file(written: Config) -> None:
    profile = written.profile(ProfileOverrides(environment_id=OTHER_ID.upper(), email="you@example.org", api_url=None))
    assert profile == Profile("work", OTHER_ID, "you@example.org", HOSTED_URL, known=True)


def test_environment_without_a_profile_makes_a_hosted_one(config: Config) -> None:
    profile = config.profile(ProfileOverrides(environment_id=ID))
    assert not profile.is_built_in
    assert (profile.environment_id, profile.api_url) == (ID, HOSTED_URL)


def test_unknown_name_makes_a_new_profile(written: Config) -> None:
    assert written.profile(ProfileOverrides(profile="home")) == Profile("home")


@pytest.mark.parametrize(
    "given",
    [
        {"environment_id": "not-a-uuid"},
        *({"profile": name} for name in ("../etc", "a/b", "a b", "x" * 33, "\x1b[2J", "é")),
        *(
            {"api_url": url}
            for url in (
                "http://example.org/api/v0",
                "http://localhost.example.org/api/v0",
                "http://127.0.0.1.example.org",
                "ftp://example.org",
                "example.org",
                "https://",
                "https://user@example.org",
                "https://:password@example.org",
                "https://example.org/?a=b",
                "https://example.org/#a",
                "https://example.org:99999",
                "https://exa mple.org",
                "https://☃..example.org",
                "https://[::1",
                "https://example.org\\@elsewhere.org",
            )
        ),
    ],
)
def test_invalid_override_is_refused(config: Config, given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="Nothing was done") as caught:
        config.profile(ProfileOverrides(**{"environment_id": ID} | given))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "localhost:1"])
def test_plain_http_is_accepted_for_this_machine_only(config: Config, host: str) -> None:
    assert (
        config.profile(ProfileOverrides(environment_id=ID, api_url=f"http://{host}/api/v0")).api_url
        == f"http://{host}/api/v0"
    )


@pytest.mark.parametrize(
    "text",
    [
        "profile = ",
        "\x00",
        "profile = 3",
        'profile = "no such name"',
        "profiles = 3",
        "[profiles]\nwork = 3",
        '[profiles.work]\nenvironment_id = "x"',
        f'[profiles.work]\nenvironment_id = "{ID}"\npassword = "x"',
        f'[profiles.work]\nenvironment_id = "{ID}"\nemail = ["x"]',
        "# " + "x" * 64 * 1024,
        f'[profiles.work]\nenvironment_id = "{ID}"\napi_url = "http://example.org"',
    ],
)
def test_invalid_file_raises_config_error(written: Config, text: str) -> None:
    written.path.write_text(text)
    with pytest.raises(ConfigError):
        written.profile(ProfileOverrides(profile=None if text.startswith("profile =") or text == "\x00" else "work"))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 50_000])
def test_file_that_is_not_toml_raises_config_error(written: Config, content: bytes) -> None:
    written.path.write_bytes(content)
    with pytest.raises(ConfigError, match="it is not TOML"):
        written.profile(ProfileOverrides())


def test_unreadable_file_raises_storage_error(config: Config) -> None:
    config.path.mkdir(parents=True)
    with pytest.raises(StorageError):
        config.profile(ProfileOverrides())


def test_save_keeps_the_rest_of_the_file(written: Config) -> None:
    written.save(Profile("home", OTHER_ID, "h@example.org"))
    assert written.path.read_text().startswith(WRITTEN.rstrip("\n"))
    assert written.profile(ProfileOverrides()).name == "work"
    assert written.profile(ProfileOverrides(profile="home")) == Profile("home", OTHER_ID, "h@example.org", known=True)


def test_save_keeps_the_comments_of_a_profile(written: Config) -> None:
    written.save(Profile("work", OTHER_ID, "me@example.org"))
    assert "# from the dashboard" in written.path.read_text()
    assert written.profile(ProfileOverrides()).environment_id == OTHER_ID


def test_save_keeps_the_default_and_makes_a_private_file(config: Config) -> None:
    config.save(Profile("work", ID, "me@example.org"))
    assert config.profile(ProfileOverrides()).is_built_in
    assert config.profile(ProfileOverrides(profile="work")).environment_id == ID
    assert stat.S_IMODE(config.path.stat().st_mode) == 0o600


def test_save_refuses_an_invalid_file(written: Config) -> None:
    written.path.write_text("profile = ")
    with pytest.raises(ConfigError):
        written.save(Profile("work", ID))
    assert written.path.read_text() == "profile = "


def test_save_refuses_a_file_that_is_too_large(written: Config) -> None:
    long = WRITTEN + "# " + "x" * 64 * 1024
    written.path.write_text(long)
    with pytest.raises(ConfigError, match="larger than 64 KiB"):
        written.save(Profile("home", OTHER_ID))
    assert written.path.read_text() == long


def test_save_follows_a_link_to_the_file(written: Config) -> None:
    kept = written.path.rename(written.path.with_name("kept.toml"))
    written.path.symlink_to(kept)
    written.save(Profile("home", OTHER_ID))
    assert written.path.is_symlink()
    assert OTHER_ID in kept.read_text()


def test_fields_of_the_built_in_profile_are_refused(written: Config) -> None:
    written.path.write_text(f'[profiles.embedded]\nenvironment_id = "{ID}"\n')
    with pytest.raises(ConfigError, match=r"embedded: it is built in.*another name"):
        written.profile(ProfileOverrides())


def test_built_in_profile_works_if_the_file_is_broken(written: Config) -> None:
    written.path.write_text("profile = ")
    assert written.profile(ProfileOverrides(profile=BUILT_IN)).is_built_in


def test_unknown_profile_error_lists_the_existing_ones(written: Config) -> None:
    assert written.known_profile(ProfileOverrides(profile="work")).name == "work"
    with pytest.raises(UnknownProfileError, match=r"no profile wrok\. Did you mean work\?.*embedded, work and local"):
        written.known_profile(ProfileOverrides(profile="wrok"))


def test_mistyped_name_makes_no_new_profile(written: Config) -> None:
    with pytest.raises(UnknownProfileError, match=r"Did you mean work\?.*--environment-id"):
        written.new_or_known_profile(ProfileOverrides(profile="wrok"))
    assert not written.new_or_known_profile(ProfileOverrides(profile="wrok", environment_id=ID)).known
    assert not written.new_or_known_profile(ProfileOverrides(profile="other")).known


@pytest.mark.parametrize(
    ("text", "suggested"),
    [('[profiles.work]\nenvironment_id = "x"\nemial = "a@b.test"', "email"), ('profil = "work"', "profile")],
)
def test_mistyped_field_gets_a_suggestion(written: Config, text: str, suggested: str) -> None:
    written.path.write_text(text)
    with pytest.raises(ConfigError, match=rf"means nothing: \w+\. Did you mean {suggested}\? "):
        written.profile(ProfileOverrides(profile="work"))


def test_error_in_the_file_names_the_line(written: Config) -> None:
    written.path.write_text('profile = "work"\n\n[profiles.work\n')
    with pytest.raises(ConfigError, match=r"config\.toml: line 3 is not TOML\."):
        written.profile(ProfileOverrides())
