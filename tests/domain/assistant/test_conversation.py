from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.conversation import MAX_MESSAGES, Message, Prompt, ToolExchange, conversation, fit, turn_steps
from domain.assistant.history import MessageRole
from domain.assistant.tool_calls import ToolCall, ToolCallState
from domain.assistant.tools.results import ToolResult
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


def test_message_that_cannot_be_opened_is_left_out() -> None:
    assert [message.text for message in conversation([replace(TURN, text="")], turn(2))] == ["question 2"]


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


def test_steps_of_a_turn_are_its_whole_texts_and_the_calls_with_a_result_in_order() -> None:
    done = ToolCall(
        "3" * 24, TURN.user_id, "b", "echo", {"text": "é"}, "", ToolCallState.DONE, ToolResult({"text": "é"})
    )
    asked = ToolCall("4" * 24, TURN.user_id, "a", "echo", {}, "", ToolCallState.ASKED)
    calls = [Part(PartKind.TOOL_CALL, is_whole=True, call_id=call_id) for call_id in ("b", "a", "gone")]
    whole = Part(PartKind.TEXT, "let me see", is_whole=True)
    begun = Part(PartKind.TEXT, "it is")

    steps = turn_steps(replace(TURN, parts=[whole, *calls, begun]), [asked, done])

    assert steps == [
        "let me see",
        ToolExchange("echo", '{"text":"é"}', '{"success":true,"data":{"text":"é"}}'),
    ]


def test_conversation_that_is_cut_begins_with_the_user() -> None:
    messages = [Message(USER, "before"), Message(ASSISTANT, "then"), Message(USER, "now")]

    assert fit(messages, 8) == [Message(USER, "now")]


def test_messages_have_the_room_that_all_else_leaves() -> None:
    messages = [Message(USER, "1234"), Message(ASSISTANT, "5678"), Message(USER, "90")]
    prompt = Prompt(messages, steps=["said", ToolExchange("echo", "{}", "[]")], begun="it", system="be kind")

    besides = prompt.size - 10

    assert besides == len("said" + "echo{}[]" + "it" + "be kind")
    assert prompt.fitted(besides + 10) == prompt
    assert prompt.fitted(besides + 9).messages == messages[2:]


def test_half_of_a_conversation_is_its_newer_messages() -> None:
    messages = [Message(USER, "12345678"), Message(USER, "90"), Message(USER, "12")]

    assert Prompt(messages, system="whatever is said of it").halved().messages == messages[1:]


def test_answer_of_blanks_is_not_shown_again() -> None:
    shown = conversation([turn(1, " \n ")], turn(2))

    assert [message.text for message in shown] == ["question 1", "question 2"]
    assert turn_steps(replace(TURN, parts=[Part(PartKind.TEXT, " \n", is_whole=True)]), []) == []


def test_tool_that_a_model_has_invented_is_told_by_a_name_that_providers_take() -> None:
    invented = ToolCall("3" * 24, TURN.user_id, "a", "no ☃\n", {}, "", ToolCallState.DONE, ToolResult({}))
    part = Part(PartKind.TOOL_CALL, is_whole=True, call_id="a")

    (step,) = turn_steps(replace(TURN, parts=[part]), [invented])

    assert isinstance(step, ToolExchange)
    assert step.tool == "no_such_tool"
