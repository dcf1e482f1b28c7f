"""The room of a chat: each of its sockets is told of what is new, whatever others have heard or ask for."""

from dataclasses import replace
from typing import Any, cast

import pytest

from api.assistant.gateway.chat_socket import ChatSocket
from api.assistant.gateway.rooms import ChatRoom, tell_of
from domain.assistant.telling import Told
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Turn
from domain.assistant.writing import TextPlace
from tests.support.builders import CHAT, TURN, USER

FAILED = replace(TURN, state=TurnState.FAILED)
RETRIED = replace(TURN, attempt=2)
STOPPED = replace(RETRIED, state=TurnState.STOPPED)
FIRST_ENDED = {TURN.turn_id: 1}


@pytest.fixture
def room() -> ChatRoom:
    """With two sockets."""
    return ChatRoom(CHAT.chat_id, [ChatSocket(cast(Any, None), name, USER.user_id, "") for name in ("one", "other")])


def tell_end(turn: Turn, *sockets: ChatSocket) -> None:
    """As if these were told of a turn to its end."""
    for socket in sockets:
        tell_of(socket, turn, Told(turn.attempt, is_over=True))


def tell_all_of_failed(room: ChatRoom) -> None:
    room.put(FAILED)
    tell_end(FAILED, *room.sockets)
    room.forget_told()


def are_to_be_told(room: ChatRoom) -> list[bool]:
    return [TURN.turn_id in (socket.told or {}) for socket in room.sockets]


def test_turn_is_kept_until_all_were_told_of_its_last_attempt(room: ChatRoom) -> None:
    one, other = room.sockets
    room.put(FAILED)
    tell_end(FAILED, one)
    room.put(STOPPED)
    tell_end(STOPPED, other)

    room.forget_told()

    assert room.turns == {TURN.turn_id: STOPPED}


def test_retry_is_news_for_all_while_one_resumes_the_attempt_before(room: ChatRoom) -> None:
    tell_all_of_failed(room)
    room.keep(FAILED)
    tell_of(room.sockets[0], FAILED, Told(FAILED.attempt))

    room.put(STOPPED)

    assert are_to_be_told(room) == [True, True]


@pytest.mark.parametrize(
    ("turn", "ended"),
    [(TURN, {}), (FAILED, {}), (RETRIED, FIRST_ENDED), (STOPPED, FIRST_ENDED)],
    ids=["new", "new and over", "retried", "retried and over"],
)
def test_turn_that_one_asks_for_before_it_is_announced_is_news_for_all(
    room: ChatRoom, turn: Turn, ended: dict[str, int]
) -> None:
    room.newest, room.ended = len(ended), {**ended}
    room.keep(turn)
    tell_of(room.sockets[0], turn, Told(turn.attempt))

    room.put(turn)

    assert are_to_be_told(room) == [True, True]


@pytest.mark.parametrize("earlier", [TURN, FAILED, RETRIED], ids=["running", "failed", "retried"])
def test_earlier_look_at_a_turn_does_not_undo_a_later_one(room: ChatRoom, earlier: Turn) -> None:
    room.put(STOPPED)

    room.keep(earlier)

    assert room.turns == {TURN.turn_id: STOPPED}


@pytest.mark.parametrize(
    ("place", "offset"),
    [
        (TextPlace(CHAT.chat_id, TURN.turn_id, 1, 0), 7),
        (TextPlace(CHAT.chat_id, TURN.turn_id, 2, 0), 0),
        (TextPlace(CHAT.chat_id, "0" * 24, 1, 0), 0),
    ],
    ids=["gap", "later attempt", "unknown turn"],
)
def test_text_that_does_not_follow_what_is_known_is_left(room: ChatRoom, place: TextPlace, offset: int) -> None:
    room.put(TURN)

    room.grow(place, offset, "more")

    assert room.turns == {TURN.turn_id: TURN}


def test_turn_of_which_all_were_told_is_news_no_more(room: ChatRoom) -> None:
    tell_all_of_failed(room)

    room.put(FAILED)

    assert (room.turns, are_to_be_told(room)) == ({}, [False, False])
