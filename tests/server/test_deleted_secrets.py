"""Deleted secrets leave no trace in the database file."""

import sqlite3
from contextlib import closing
from pathlib import Path

from mfa_tui import connection
from mfa_tui.account.typed_code import parse_code
from mfa_tui.storage.paths import AppPaths
from tests.support.facts import codes


def ciphertexts(database: Path, table: str) -> set[bytes]:
    with closing(sqlite3.connect(database)) as db:
        return {bytes(row[0]) for row in db.execute(f"SELECT sealed FROM {table} WHERE sealed IS NOT NULL")}


def leaves_a_trace(ciphertext: bytes, content: bytes) -> bool:
    """Return whether any eight bytes of it are in the content: what is written later may overwrite its beginning."""
    return any(ciphertext[at : at + 8] in content for at in range(len(ciphertext) - 7))


async def test_deleted_ciphertexts_are_overwritten_on_the_disk(places: AppPaths) -> None:
    database = places.data / "mfa.sqlite3"
    async with connection.open_account(places) as account:
        await account.sign_in_automatically()
        await account.read_codes()
        await account.register_totp_mfa_device()
        deleted = ciphertexts(database, "recovery_codes") | ciphertexts(database, "totp_devices")
    content = database.read_bytes()  # the last connection has moved the log into the file
    assert len(deleted) == 11
    assert all(leaves_a_trace(one, content) for one in deleted)
    async with connection.open_account(places) as account:
        await account.resume_session()
        await account.read_codes()
        await account.authenticate(parse_code(codes(account)[0].reveal()), step_up=True)
        (device,) = await account.get_mfa_devices()
        await account.delete_mfa_device(device)
        await account.create_new_mfa_recovery_codes()
    content = database.read_bytes()
    assert not any(leaves_a_trace(one, content) for one in deleted)
