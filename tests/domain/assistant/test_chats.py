from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.assistant.chats import Chat, ChatChange, ChatLife, ChatStatus, EndReason, chat_occurrence
from domain.journal.occurrences import OccurrenceType
from tests.support.builders import CHAT, NOW

BEFORE, AT, AFTER = [CHAT.expires_at + timedelta(milliseconds=ms) for ms in (-1, 0, 1)]
LEFT = replace(CHAT, disconnected_at=NOW)
EVICTED = replace(CHAT, ended_reason=EndReason.EVICTED)


@pytest.mark.parametrize(
    ("chat", "at", "status", "reason"),
    [
        pytest.param(CHAT, BEFORE, ChatStatus.ACTIVE, None, id="used"),
        pytest.param(CHAT, AT, ChatStatus.ENDED, EndReason.IDLE, id="idle"),
        pytest.param(LEFT, BEFORE, ChatStatus.DISCONNECTED, None, id="left"),
        pytest.param(LEFT, AFTER, ChatStatus.ENDED, EndReason.GRACE, id="left-for-too-long"),
        pytest.param(EVICTED, BEFORE, ChatStatus.ENDED, EndReason.EVICTED, id="evicted"),
        pytest.param(EVICTED, AFTER, ChatStatus.ENDED, EndReason.EVICTED, id="evicted-and-expired"),
    ],
)
def test_chat_ends_at_its_time_or_by_what_ended_it(
    chat: Chat, at: datetime, status: ChatStatus, reason: EndReason | None
) -> None:
    assert (chat.status(at), chat.end_reason(at)) == (status, reason)


def test_chat_lives_for_its_time_from_its_last_use() -> None:
    life = ChatLife(ttl=timedelta(minutes=15), grace=timedelta(minutes=5), retention=timedelta(days=30))

    assert life.expires_at(NOW) == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(("turns", "open_turns", "messages"), [(0, 0, 0), (1, 1, 1), (3, 2, 4), (3, 0, 6)])
def test_messages_are_those_of_the_user_and_the_answers_that_have_ended(
    turns: int, open_turns: int, messages: int
) -> None:
    assert replace(CHAT, turns=turns, open_turns=open_turns).message_count == messages


def test_change_names_what_it_changes() -> None:
    changes = [ChatChange(), ChatChange(title=""), ChatChange(title="Tea", tools=[])]

    assert [change.fields for change in changes] == [[], ["title"], ["title", "tools"]]


def test_occurrence_of_a_change_names_fields_and_says_no_word() -> None:
    changed = chat_occurrence(
        "3" * 24,
        OccurrenceType.CHAT_UPDATED,
        CHAT.chat_id,
        CHAT.user_id,
        NOW,
        fields=ChatChange(title="Tea", tools=[]).fields,
    )

    assert changed.public == {"fields": "title,tools"}
    assert "Tea" not in repr(changed)
