"""Checkpoints of the journal: signed places of the chain, which readers keep."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from api.journal.schemas.audit import EntryView
from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from api.schemas.paging import CursorMeta, CursorQuery
from domain.paging import parse_number_cursor


class CheckpointQuery(CursorQuery):
    @property
    def before(self) -> int | None:
        """The number that the page is before. Raises InvalidInput for a cursor that is none of ours."""
        return parse_number_cursor(self.cursor) if self.cursor else None


class CheckpointView(View):
    """At this moment the newest entry had this number and this hash. `token` proves it: a compact JWS by the key
    `key_id` of `/.well-known/jwks.json`. `anchors`: where it was kept outside of the database, and with which outcome.
    """

    seq: int
    hash: str
    at: Timestamp
    key_id: str
    token: str
    anchors: dict[str, str]

    @classmethod
    def of(cls, stored: object) -> "CheckpointView":
        return cls.model_validate(stored, from_attributes=True)


class CheckpointPage(View):
    checkpoints: list[CheckpointView]
    meta: CursorMeta

    @classmethod
    def of(cls, found: Sequence[object], query: CheckpointQuery) -> "CheckpointPage":
        """`found`: one more than the page has, if there are more."""
        views = [CheckpointView.of(stored) for stored in found[: query.limit]]
        next_cursor = str(views[-1].seq) if len(found) > query.limit else None
        return cls(checkpoints=views, meta=CursorMeta.of(next_cursor, query))


class LocatedEntry(View):
    """An entry in its place. `prev`: the hash of the entry before it. `before` and `after`: the checkpoints around it;
    `after` covers it, and is null until it is signed.
    """

    entry: EntryView
    prev: str
    before: CheckpointView | None
    after: CheckpointView | None


Listing = Annotated[CheckpointQuery, Query()]
