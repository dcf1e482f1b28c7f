from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.conversation import MAX_MESSAGES, Message, conversation, fit
from domain.assistant.history import MessageRole
from domain.assistant.turns import Part, PartKind, Turn
from tests.support.builders import TURN

USER, ASSISTANT = MessageRole.USER, MessageRole.ASSISTANT
MESSAGES = st.lists(st.text(max_size=9).map(lambda text: Message(USER, text)), min_size=1, max_size=120)


def turn(number: int, answer: str = "") -> Turn:
    return replace(
        TURN, number=number, text=f"question {number}", parts=[Part(PartKind.TEXT, answer)] if answer else []
    )


def test_conversation_is_what_was_said_and_the_newest_question() -> None:
    newest = turn(3, "what it has begun to say")

    shown = conversation([turn(1, "one"), turn(2)], newest)

    assert [(message.role, message.text) for message in shown] == [
        (USER, "question 1"),
        (ASSISTANT, "one"),
        (USER, "question 2"),
        (USER, "question 3"),
    ]


@given(MESSAGES, st.integers(0, 200))
def test_as_much_of_the_end_is_shown_as_fits(messages: list[Message], room: int) -> None:
    shown = fit(messages, room)

    sizes = [len(message.text.encode()) for message in messages]
    assert shown == messages[-len(shown) :]
    assert len(shown) == 1 or (len(shown) <= MAX_MESSAGES and sum(sizes[-len(shown) :]) <= room)
    more = len(shown) + 1
    assert more > min(len(messages), MAX_MESSAGES) or sum(sizes[-more:]) > room


def test_newest_message_is_shown_whatever_its_size() -> None:
    assert fit([Message(USER, "before"), Message(USER, "long" * 9)], 4) == [Message(USER, "long" * 9)]
