from datetime import UTC, datetime
from typing import Any

import pytest

from activities.assistant.tool_handlers.handling import ToolUse
from activities.assistant.tool_handlers.utility import UtilityTools
from domain.assistant.tools.arithmetic import ArithmeticFailed
from domain.errors import InvalidInput
from tests.support.builders import USER

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


async def done(tool: str, **arguments: Any) -> dict[str, Any]:
    return dict(await UtilityTools().handlers()[tool](ToolUse(USER, arguments, SUMMER)))


@pytest.mark.parametrize(
    ("arguments", "timezone", "local"),
    [
        ({}, "UTC", "2026-07-01T12:00:00.000+00:00"),
        ({"timezone": "Europe/Vienna"}, "Europe/Vienna", "2026-07-01T14:00:00.000+02:00"),
    ],
)
async def test_time_is_told_in_utc_and_in_a_time_zone(arguments: dict[str, str], timezone: str, local: str) -> None:
    told = await done("get-time", **arguments)

    assert told == {
        "utc": "2026-07-01T12:00:00.000Z",
        "timezone": timezone,
        "local": local,
        "weekday": "Wednesday",
    }


@pytest.mark.parametrize("timezone", ["Nowhere/None", "Europe", "/etc/passwd", "Europe/"])
async def test_unknown_time_zone_is_refused(timezone: str) -> None:
    with pytest.raises(InvalidInput):
        await done("get-time", timezone=timezone)


async def test_calculator_computes_in_decimals() -> None:
    assert await done("calculator", expression="0.1 + 0.2") == {"result": "0.3"}


async def test_calculator_fails_by_name() -> None:
    with pytest.raises(ArithmeticFailed):
        await done("calculator", expression="1/0")
