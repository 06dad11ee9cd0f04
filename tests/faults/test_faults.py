"""Every call of the client on every network fault: it is sent once, and its error is correct."""

from pathlib import Path

import pytest

from mfa_tui.client import errors
from tests.faults import table

OUTCOMES: dict[str, type[errors.ApiError]] = {
    "no connection": errors.NotSentError,
    "closed unread": errors.OutcomeUnknownError,
    "lost after": errors.OutcomeUnknownError,
    "half a reply": errors.OutcomeUnknownError,
    "silence": errors.OutcomeUnknownError,
    "500": errors.OutcomeUnknownError,
    "302": errors.OutcomeUnknownError,
    "HTML": errors.OutcomeUnknownError,
    "401": errors.NotSignedInError,
    "429": errors.RateLimitedError,
    "429, 90 s": errors.RateLimitedError,
}
ACTED = {"lost after", "half a reply"}


@pytest.mark.parametrize("fault", table.FAULTS)
async def test_every_call_is_sent_once_on_every_network_fault(fault: str, tmp_path: Path) -> None:
    async with table.scene(tmp_path / "mfa") as stage:
        for meeting in await stage.meet(fault):
            assert type(meeting.error) is OUTCOMES[fault], meeting
            assert meeting.reached == (fault in ACTED), meeting


async def test_lost_response_message_names_the_impact_and_advice(tmp_path: Path) -> None:
    async with table.scene(tmp_path / "mfa") as stage:
        messages = {meeting.call: str(meeting.error) for meeting in await stage.meet("lost after")}
    assert "old codes may have stopped working" in messages["rotate"]
    assert "may be used up" in messages["use a code"]
    assert "next code" in messages["use TOTP"]
    assert messages["who am I"].startswith("The service's response did not arrive whole. Your codes are unchanged.")
