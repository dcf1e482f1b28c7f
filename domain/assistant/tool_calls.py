"""A call of a tool: who asks for what, how far it is, how it ended. It runs once for each id that its caller gives."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.assistant.tools.registry import Arguments, ToolDefinition
from domain.assistant.tools.results import ToolErrorCode, ToolResult, execution_failed, failure, unknown_outcome
from domain.journal.occurrences import Occurrence, OccurrenceType, Party, PartyKind, derived_id, user_party
from domain.notifications.notifications import NewNotification, NotificationType

CALL_TTL = timedelta(days=30)
APPROVAL_TIMEOUT = timedelta(minutes=10)
SLOT_TTL = timedelta(minutes=5)
"""A call that was never started, since Temporal was away, counts so long as one that runs."""
CALL_ID_PATTERN = r"^[A-Za-z0-9._-]{8,128}$"

NO_ANSWER = "A server that the tool needs is away."
STOPPED = "The user stopped the answer before the tool had ended."
STOPPED_BEFORE = "The answer was stopped before the tool had begun."
TURN_OVER = "The time of the answer was over before the tool had begun."
TOO_LATE = "The tool did not finish in time. It is not known whether the change was made."


# How far a call is: uttered by a model, waiting for its user, to be run. No docstrings on the enums here: Pydantic
# shows them in docs/openapi.json.
class ToolCallState(StrEnum):
    ASKED = "asked"
    WAITING = "waiting"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"


# What a user says to a call: yes this time, yes from now on in this chat, or no.
class Decision(StrEnum):
    ONCE = "once"
    CHAT = "chat"
    DECLINE = "decline"


@dataclass(frozen=True)
class NewToolCall:
    """A call to store. `call_key`: the id of its document, derived from user and `call_id`. `body_hash`: of what is
    called, which distinguishes a repeat from another call with its id. `chat_id`, `turn_id`: of a model's call.
    `asker_id`: the session or API key that calls, or that has sent the message of the turn.
    """

    call_key: str
    user_id: str
    call_id: str
    tool: str
    arguments: Arguments
    body_hash: str
    chat_id: str | None = None
    turn_id: str | None = None
    asker_id: str | None = None


@dataclass(frozen=True)
class ToolCall:
    """A stored call. `result`: None until it is done. `execution_ms`: how long the tool took, None if unknown.
    `chat_id`, `turn_id`: of a model's call. `decision`, `expires_at`: of one that its user was asked about.
    `asker_id`: the session or API key that calls, or that has sent the message of the turn.
    """

    call_key: str
    user_id: str
    call_id: str
    tool: str
    arguments: Arguments
    body_hash: str
    state: ToolCallState
    result: ToolResult | None = None
    execution_ms: int | None = None
    chat_id: str | None = None
    turn_id: str | None = None
    decision: Decision | None = None
    expires_at: datetime | None = None
    asker_id: str | None = None

    @property
    def has_begun(self) -> bool:
        """Whether its tool runs, or has run to its end."""
        return self.state is ToolCallState.RUNNING or self.execution_ms is not None

    @property
    def was_asked_for(self) -> bool:
        """Whether its user was asked for an approval."""
        return self.expires_at is not None


def effect_key(user_id: str, call_id: str) -> str:
    """Return what the keys of a call are derived from: its document's and its workflow's."""
    return f"{user_id}|{call_id}"


def model_call_id(turn_id: str, attempt: int, round: int, number: int) -> str:
    """Return the id of a call that a model has uttered: the same for a round that is asked again."""
    return f"{turn_id}.{attempt}.{round}.{number}"


def call_occurrence(kind: OccurrenceType, call: ToolCall, at: datetime) -> Occurrence:
    """Return the occurrence of a user's decision about a call."""
    return Occurrence(
        occurrence_id=derived_id(kind, call.call_key),
        type=kind,
        at=at,
        actor=user_party(call.user_id),
        subject=Party(PartyKind.CHAT, call.chat_id) if call.chat_id else None,
        public={"call": call.call_key, "decision": call.decision, "tool": call.tool},
    )


def approval_notification(call: ToolCall, tool: ToolDefinition) -> NewNotification:
    """Return what tells the user of a call that waits for them. It has no argument of the call: those are words of the
    chat, which are sealed there and are deleted with it.
    """
    return NewNotification(
        dedupe_key=f"approval:{call.call_id}",
        type=NotificationType.APPROVAL_REQUESTED,
        title="The assistant asks for your approval",
        message=f"{tool.title or tool.name}.",
        data={"call_id": call.call_id, "chat_id": call.chat_id},
    )


def canonical_call(tool: str, arguments: Arguments) -> str:
    """Return one text for calls of the same tool with the same arguments."""
    return json.dumps([tool, arguments], sort_keys=True)


def lost_result(tool: ToolDefinition | None, *, has_timed_out: bool, is_stopped: bool = False) -> ToolResult:
    """Return the result of a call that has ended without one. A change, which no stop cuts off, may have been made."""
    if is_stopped:
        return failure(ToolErrorCode.DECLINED, STOPPED)
    if has_timed_out:
        return failure(ToolErrorCode.TIMEOUT, TOO_LATE if tool and tool.changes else None)
    if tool and tool.changes:
        return unknown_outcome()
    return execution_failed("DependencyUnavailable", NO_ANSWER)
