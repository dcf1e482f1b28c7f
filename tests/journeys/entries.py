"""Entries of the journal, waited for: each has its number within a second."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from decode_client.generated.answers import EntryPage, EntryView, PartyView
from tests.support.polling import eventually


async def entries_of(search: Callable[[], Awaitable[EntryPage]], *types: str) -> Sequence[EntryView]:
    """Return what the search finds once entries of these types are among it, newest first."""

    async def found() -> Sequence[EntryView] | None:
        entries = (await search()).entries
        return entries if Counter(types) <= Counter(entry.type for entry in entries) else None

    return await eventually(found)


def only(entries: Sequence[EntryView], type: str) -> EntryView:
    """Return the one entry of this type."""
    (entry,) = [entry for entry in entries if entry.type == type]
    return entry


def party_id(party: PartyView | None) -> str | None:
    return party.id if party else None
