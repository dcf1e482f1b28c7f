"""Handlers of the tools that read nothing of anyone."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from activities.assistant.tool_handlers.handling import Handler, ToolUse
from domain.assistant.tools.arithmetic import calculate
from domain.errors import InvalidInput
from domain.moments import format_timestamp

UTC = "UTC"


class UtilityTools:
    """The time, an echo, a calculator."""

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by the names of their tools."""
        return {"get-time": self._get_time, "echo": self._echo, "calculator": self._calculate}

    async def _get_time(self, use: ToolUse) -> Mapping[str, Any]:
        name = use.find_text("timezone") or UTC
        local = use.now.astimezone(_zone(name))
        return {
            "utc": format_timestamp(use.now),
            "timezone": name,
            "local": local.isoformat(timespec="milliseconds"),
            "weekday": f"{local:%A}",
        }

    async def _echo(self, use: ToolUse) -> Mapping[str, Any]:
        return {"text": use.text("text")}

    async def _calculate(self, use: ToolUse) -> Mapping[str, Any]:
        return {"result": calculate(use.text("expression"))}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A ValueError: a path and no key. An OSError: a folder of the database.
        raise InvalidInput(details=[{"field": "timezone", "message": "there is no such time zone"}]) from None
