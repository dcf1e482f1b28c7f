"""Upkeep of chats: finds turns that wait for a wake-up, and drops the words of chats past their retention."""

from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.assistant.turns import TurnsInput
from activities.operations.sweep import FindIntents

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.assistant.upkeep import ChatUpkeepStore

MAX_TURNS = 500
MAX_CHATS = 500


class ChatUpkeepActivities:
    """Activities of the Sweep workflow that concern chats."""

    def __init__(self, chats: "ChatUpkeepStore", hashes: "KeyedHashes") -> None:
        self._chats = chats
        self._hashes = hashes

    @activity.defn(name="sweep.find_waiting_chats")
    async def find_waiting(self, command: FindIntents) -> list[TurnsInput]:
        """Return the chats of turns that are not answered yet, and of those that wait though who asked has gone: of 500
        turns of each kind at most, oldest first.

        Sets the gauge of the age in seconds of the oldest turn that is open, be it waiting or being answered.
        """
        oldest = await self._chats.find_oldest_open()
        age = max((command.now - oldest).total_seconds(), 0.0) if oldest else 0.0
        activity.metric_meter().create_gauge_float("decode_oldest_waiting_turn_seconds", unit="s").set(age)
        waiting = await self._chats.find_waiting(before=command.before, limit=MAX_TURNS)
        orphaned = await self._chats.find_orphaned(command.now, limit=MAX_TURNS)
        found = dict.fromkeys([*waiting, *orphaned])
        return [TurnsInput(chat_id, self._hashes.workflow_key(chat_id)) for chat_id in found]

    @activity.defn(name="sweep.drop_chat_words")
    async def drop_words(self, now: datetime) -> int:
        """Drop what was said in chats whose retention ends before `now`, 500 at most. Returns how many."""
        return await self._chats.drop_words(now, limit=MAX_CHATS)
