"""Gathers an export, each noun separately, into encrypted chunks, so that none of it enters a workflow history."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from temporalio import activity

from domain.accounts.account_export import Row, json_chunks
from domain.email_address import email_key
from domain.flows import EXPORT_TTL
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import User

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.accounts.personal_records import PersonalRecords
    from adapters.mongo.exports import ExportStore
    from adapters.mongo.journal.subject_words import SubjectWords
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.accounts.personal_edges import PersonalEdges
    from adapters.temporal.pending_flows import PendingFlows


@dataclass(frozen=True)
class BeginExport:
    """`key`: the keyed hash of the flow id, which makes a repeat the same export."""

    key: str
    user_id: str
    device: str
    address_prefix: str
    at: datetime


@dataclass(frozen=True)
class GatherNoun:
    """`key`: the export; `number`: the position of the noun in the file, from 0."""

    key: str
    user_id: str
    noun: str
    number: int
    at: datetime


@dataclass(frozen=True)
class FinishExport:
    """`key`: the export; `at`: the workflow's clock, from which EXPORT_TTL counts."""

    key: str
    at: datetime


Gather = Callable[[User, datetime], AsyncIterator[Row]]


class AccountExportActivities:
    """Activities of the AccountExport workflow."""

    def __init__(
        self,
        exports: "ExportStore",
        users: "UserStore",
        events: "SecurityEventStore",
        records: "PersonalRecords",
        edges: "PersonalEdges",
        words: "SubjectWords",
        flows: "PendingFlows",
        hashes: "KeyedHashes",
    ) -> None:
        self._exports = exports
        self._users = users
        self._events = events
        self._hashes = hashes
        self._nouns: Mapping[str, Gather] = {
            "account": lambda user, _: records.account(user.user_id),
            **{noun: partial(_records_of, records, noun) for noun in records.nouns},
            "mails": lambda user, _: records.mails(self._subject(user)),
            **{noun: partial(_edges_of, edges, noun) for noun in edges.nouns},
            "journal": lambda user, _: words.rows(user.user_id),
            "pending_flows": lambda user, _: flows.rows(self._subject(user)),
        }
        """The parts of the file, in order. A noun that keeps personal data in another place adds an entry."""

    @activity.defn(name="account_export.begin")
    async def begin(self, command: BeginExport) -> list[str]:
        """Record the owner and the security event of the export. Returns the nouns to gather, in order."""
        event_id = self._hashes.derive_object_id(command.key, "event")
        kind = EventKind.ACCOUNT_EXPORTED
        await self._events.record(
            SecurityEvent(event_id, command.user_id, kind, command.at, command.device, command.address_prefix)
        )
        await self._exports.begin(command.key, user_id=command.user_id, now=command.at)
        return list(self._nouns)

    @activity.defn(name="account_export.gather")
    async def gather(self, command: GatherNoun) -> None:
        """Write all of one noun, chunk by chunk. A repeat replaces the chunks of the earlier attempt."""
        user = await self._users.find(command.user_id)
        if user is None:
            return
        part, page = f"{command.number:03}", ""
        pages = json_chunks(command.noun, command.number, self._nouns[command.noun](user, command.at))
        number = 0
        async for text in pages:
            page = f"{part}.{number:06}"
            await self._exports.write(command.key, page, text, user_id=command.user_id, now=command.at)
            number += 1
        await self._exports.delete_parts(command.key, after=page, before=f"{part}/")

    @activity.defn(name="account_export.finish")
    async def finish(self, command: FinishExport) -> None:
        """Make the export readable for a day."""
        await self._exports.finish(command.key, until=command.at + EXPORT_TTL)

    @activity.defn(name="account_export.drop")
    async def drop(self, export_key: str) -> None:
        """Delete an export that was cancelled or has failed."""
        await self._exports.delete(export_key)

    def _subject(self, user: User) -> str:
        return self._hashes.subject_hash(email_key(user.email_address))


def _records_of(records: "PersonalRecords", noun: str, user: User, now: datetime) -> AsyncIterator[Row]:
    return records.rows(noun, user.user_id, now)


def _edges_of(edges: "PersonalEdges", noun: str, user: User, _: datetime) -> AsyncIterator[Row]:
    return edges.rows(noun, user.user_id)
