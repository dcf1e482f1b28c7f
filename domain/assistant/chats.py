"""Chats: conversations with the assistant. A chat is open while it is used; after that it can be read and reopened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.journal.occurrences import Occurrence, OccurrenceType, Party, PartyKind, user_party

MAX_LIVE_CHATS = 20
"""Of one user. The one that was used longest ago ends when there is another."""
MAX_OPEN_TURNS = 4
"""Of one chat: one is answered, three wait."""
MAX_TITLE_LENGTH = 120
MAX_METADATA_BYTES = 4096
MAX_METADATA_DEPTH = 32
"""An answer that is nested more than 255 deep could not be written."""
SHELL_TTL_DAYS = 400
"""How long it is known that there was a chat, after its words are gone."""


# DISCONNECTED: the last of its sockets has gone. No docstrings on the enums here: Pydantic shows them.
class ChatStatus(StrEnum):
    ACTIVE = "active"
    DISCONNECTED = "disconnected"
    ENDED = "ended"


class EndReason(StrEnum):
    IDLE = "idle"
    GRACE = "grace"
    EVICTED = "evicted"
    DELETED = "deleted"


@dataclass(frozen=True)
class ChatLife:
    """How long chats live. `ttl`: after their last use. `grace`: once they have neither a socket nor an open turn.
    `retention`: after their end, as long as their words are kept.
    """

    ttl: timedelta
    grace: timedelta
    retention: timedelta

    def expires_at(self, now: datetime) -> datetime:
        """Return when a chat ends that is used now."""
        return now + self.ttl


@dataclass(frozen=True)
class NewChat:
    """A chat to be made. `chat_id`: derived from the request, so that a repeat is the same chat. `body_hash`: the keyed
    hash of what was asked for. `tools`: those that the assistant may use; None for all.
    """

    chat_id: str
    user_id: str
    body_hash: str
    at: datetime
    model: str | None = None
    tools: Sequence[str] | None = None
    metadata: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Chat:
    """A stored chat. `turns`: how many messages it was sent. `open_turns`: how many of them are not answered yet.

    `disconnected_at`: when its last socket has gone, None while it has one or had none. `gone_at`: since when its words
    are not kept. `allowed_tools`: those that change something and need no approval here, each with the id of the
    session that has allowed it. `bytes_per_token`: as a model has counted last what was said here.
    """

    chat_id: str
    user_id: str
    model: str | None
    tools: Sequence[str] | None
    title: str | None = field(repr=False)
    metadata: Mapping[str, object] = field(repr=False)
    turns: int
    open_turns: int
    created_at: datetime
    last_activity_at: datetime
    disconnected_at: datetime | None
    expires_at: datetime
    ended_reason: EndReason | None
    gone_at: datetime | None
    allowed_tools: Mapping[str, str] = field(default_factory=dict)
    bytes_per_token: float | None = None

    def end_reason(self, now: datetime) -> EndReason | None:
        """Return why the chat has ended; None while it is open."""
        if self.ended_reason or now < self.expires_at:
            return self.ended_reason
        return EndReason.GRACE if self.disconnected_at else EndReason.IDLE

    def status(self, now: datetime) -> ChatStatus:
        """Return the chat's status at this time."""
        if self.end_reason(now):
            return ChatStatus.ENDED
        return ChatStatus.DISCONNECTED if self.disconnected_at else ChatStatus.ACTIVE

    @property
    def message_count(self) -> int:
        """How many messages there are: each of the user's, and each answer that has ended."""
        return 2 * self.turns - self.open_turns


@dataclass(frozen=True)
class ChatChange:
    """A change of a chat's properties; None leaves one as it is."""

    title: str | None = field(default=None, repr=False)
    tools: Sequence[str] | None = None

    @property
    def fields(self) -> Sequence[str]:
        """Names of the properties that are changed."""
        return [name for name, value in (("title", self.title), ("tools", self.tools)) if value is not None]


@dataclass(frozen=True)
class ChatCounts:
    """`active`: open now. `total`: all that are known of, about."""

    active: int
    total: int


def chat_occurrence(
    occurrence_id: str, kind: OccurrenceType, chat_id: str, user_id: str, at: datetime, *, fields: Sequence[str] = ()
) -> Occurrence:
    """Return the occurrence of a chat's change by its user. It says nothing of what is talked about."""
    return Occurrence(
        occurrence_id=occurrence_id,
        type=kind,
        at=at,
        actor=user_party(user_id),
        subject=Party(PartyKind.CHAT, chat_id),
        public={"fields": ",".join(fields)} if fields else {},
    )
