"""Entries of the journal as readers see them, and what they can ask for."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from api.schemas.paging import CursorMeta, CursorQuery
from api.schemas.step_up import StepUpBody
from domain.journal.audit import AuditEntry, AuditFilter, AuditPage, find_types, parse_entry_cursor
from domain.journal.occurrences import Party
from domain.paging import PageRequest

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
OWN_FIELDS = ("network", "device")
"""Words that have a field of their own."""


def _moment(typed: Any) -> Any:
    """Other spellings, such as a number of seconds or a time without a zone, are refused."""
    if not isinstance(typed, str):
        return typed
    if not _MOMENT.fullmatch(typed):
        raise ValueError("write a time as 2026-01-31T09:30:00Z")
    try:
        return datetime.fromisoformat(typed).astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is before the first year, or after the last") from None


def _known_type(typed: str) -> str:
    if not find_types(typed):
        raise ValueError("there is no such type; `user.*` are all types that begin with `user.`")
    return typed


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
PartyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{1,200}$")]
EntryType = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_type)]
RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{8,128}$")]


class OwnFilterFields(BaseModel):
    type: EntryType | None = Field(None, description="One type, or all of a noun, as in `user.*`.")
    request_id: RequestId | None = Field(None, description="The `X-Request-ID` of the request that led to them.")
    cause: PartyId | None = Field(None, description="The id of the workflow that led to them.")
    since: Moment | None = Field(None, alias="from", description="This moment and later.")
    until: Moment | None = Field(None, alias="to", description="Before this moment.")

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: datetime | None, info: ValidationInfo) -> datetime | None:
        since = info.data.get("since")
        if since and until and until < since:
            raise ValueError("this is before `from`")
        return until

    @property
    def filter(self) -> AuditFilter:
        """What is asked for, of all entries."""
        return AuditFilter(
            type=self.type, request_id=self.request_id, cause=self.cause, since=self.since, until=self.until
        )


class FilterFields(OwnFilterFields):
    actor: PartyId | None = Field(None, description="The id of who acted.")
    subject: PartyId | None = Field(None, description="The id of what was acted on.")

    @property
    def filter(self) -> AuditFilter:
        return replace(super().filter, actor=self.actor, subject=self.subject)


class EntryQuery(CursorQuery):
    @property
    def window(self) -> PageRequest:
        """The page that is asked for. Raises InvalidInput for a cursor that is none of ours."""
        return PageRequest(self.limit, after=parse_entry_cursor(self.cursor) if self.cursor else None)


class AuditQuery(FilterFields, EntryQuery):
    pass


class OwnAuditQuery(OwnFilterFields, EntryQuery):
    pass


class AuditExportRequest(FilterFields, StepUpBody):
    """Entries that the file is to have; all of the journal without a field."""


class PartyView(View):
    """`id`: of a user, the name of an operator or a role, the id of a workflow. `key_id`: of the API key used."""

    kind: str
    id: str
    key_id: str | None

    @classmethod
    def of(cls, party: Party | None) -> "PartyView | None":
        return cls(kind=party.kind, id=party.id, key_id=party.key_id) if party else None


class EntryView(View):
    """An entry. `public`: ids and plain facts, which stay when a user is erased. `network`, `device` and `data` are
    words personal to actor or subject, sealed with that user's key: null where there are none, once the user is erased,
    and where they are about another user than the reader of their own entries. An entry that was edited in the database
    into a shape in which none is written has the type `unreadable`, and nothing else than its number and time.
    """

    seq: int
    type: str
    at: Timestamp
    actor: PartyView | None
    subject: PartyView | None
    request_id: str | None
    cause: str | None
    network: str | None
    device: str | None
    public: dict[str, str | int | None]
    data: dict[str, str | int | None] | None
    hash: str

    @classmethod
    def of(cls, read: AuditEntry) -> "EntryView":
        entry, words = read.entry, {**(read.subject_words or {}), **(read.actor_words or {})}
        return cls(
            seq=entry.seq,
            type=entry.type,
            at=entry.at,
            actor=PartyView.of(entry.actor),
            subject=PartyView.of(entry.subject),
            request_id=entry.request_id,
            cause=entry.cause,
            **{name: words.pop(name, None) for name in OWN_FIELDS},
            public=dict(entry.public),
            data=words or None,
            hash=entry.hash,
        )


class EntryPage(View):
    entries: list[EntryView]
    meta: CursorMeta

    @classmethod
    def of(cls, page: AuditPage, query: CursorQuery) -> "EntryPage":
        return cls(entries=[EntryView.of(entry) for entry in page.entries], meta=CursorMeta.of(page.next_cursor, query))


class HeadView(View):
    """The newest entry: its number, its hash, and when it was written. The first is written when the journal begins."""

    seq: int
    hash: str
    at: Timestamp


Searching = Annotated[AuditQuery, Query()]
SearchingOwn = Annotated[OwnAuditQuery, Query()]
