"""Each code keeps its number for the life of its set, and a used one its place."""

import pytest

from mfa_tui import connection
from mfa_tui.account.account import Account
from mfa_tui.account.typed_code import parse_code
from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths
from mfa_tui.workflows import messages
from mfa_tui.workflows.save import codes_sheet


async def use(account: Account, code: Secret) -> None:
    await account.authenticate(parse_code(code.reveal()), step_up=True)


async def test_used_codes_keep_their_places(account: Account, places: AppPaths) -> None:
    codes = account.state.numbered_codes
    await use(account, codes[3])
    elsewhere = places._replace(state=places.state / "elsewhere")
    async with connection.open_account(elsewhere) as other:
        await other.sign_in_automatically()
        await use(other, codes[8])
        await account.read_codes()
    slots = {slot.number: slot for slot in account.state.slots}
    assert list(slots) == list(range(1, 11))
    assert {number: slot.code for number, slot in slots.items() if slot.code} == {
        number: code for number, code in codes.items() if number not in {3, 8}
    }
    assert messages.code_use(slots[3]).startswith("used here ")
    assert messages.code_use(slots[8]).startswith("used elsewhere, noticed ")


async def test_saved_sheet_keeps_the_numbers(account: Account) -> None:
    codes = account.state.numbered_codes
    await use(account, codes[1])
    await account.read_codes()
    assert codes_sheet(account).codes == tuple((number, codes[number]) for number in range(2, 11))


async def test_another_set_starts_anew(account: Account) -> None:
    await use(account, account.state.numbered_codes[1])
    await account.create_new_mfa_recovery_codes()
    assert [slot.number for slot in account.state.slots if slot.code] == list(range(1, 11))


@pytest.mark.parametrize(
    "line", [" 2  XKLP8 KTK3T", "2. XKLP8KTK3T", "[ ]   2  XKLP8 KTK3T", "[x] 10) xklp8-ktk3t", "XKLP8 KTK3T"]
)
def test_line_of_a_saved_file_is_a_code(line: str) -> None:
    typed = parse_code(line)
    assert (typed.code.reveal().upper(), typed.warning) == ("XKLP8KTK3T", "")


def test_code_that_begins_with_digits_keeps_them() -> None:
    assert parse_code("22 XKLP8KTK").code == Secret("22XKLP8KTK")
