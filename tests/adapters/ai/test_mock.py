"""The model `mock`: the same answer to the same words, wherever it goes on from."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ai.mock import MAX_COUNT, MockModel
from domain.assistant.conversation import Message, Prompt, ToolExchange
from domain.assistant.history import MessageRole
from domain.assistant.language_models import AnswerEnd, CallAsked, ModelFailed, ModelRefused, Spoken, TextPiece
from domain.assistant.turn_ends import FinishReason
from domain.assistant.turns import Usage

MODEL = MockModel(0, 0)


async def spoken(text: str, begun: str = "", *before: Message) -> Sequence[Spoken]:
    prompt = Prompt([*before, Message(MessageRole.USER, text)], begun=begun)
    return [each async for each in MODEL.answer(prompt)]


async def answer(text: str, begun: str = "") -> str:
    return "".join(each.text for each in await spoken(text, begun) if isinstance(each, TextPiece))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello there", "Hello! How can I help you today?"),
        ("thanks for your help", "I answer questions and use the tools of this app. What do you need?"),
        ("THANK you!", "You are welcome!"),
        ("helloween", "You said: helloween"),
        ("  count 4 ", "1 2 3 4"),
        ("count 0", "You said: count 0"),
        ("say  two\nlines 🌞", " two\nlines 🌞"),
        ("failed", "You said: failed"),
    ],
)
async def test_words_decide_what_is_said(text: str, said: str) -> None:
    assert await answer(text) == said


async def test_counting_has_an_end() -> None:
    assert (await answer("count 99999")).split()[-1] == str(MAX_COUNT)


@pytest.mark.parametrize(("command", "error"), [("fail", ModelFailed), (" refuse ", ModelRefused)])
async def test_command_to_fail_is_obeyed(command: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await answer(command)


@given(st.text(st.sampled_from("ab é😀\n\t"), max_size=20), st.integers(0, 40))
async def test_begun_answer_is_continued_to_the_same_whole(words: str, cut: int) -> None:
    whole = await answer(f"say {words}x")

    assert whole == f"{words}x"
    assert whole[:cut] + await answer(f"say {words}x", whole[:cut]) == whole


async def test_answer_comes_word_by_word_and_ends_with_what_it_cost() -> None:
    earlier = [Message(MessageRole.USER, "one two"), Message(MessageRole.ASSISTANT, "not counted")]

    *words, end = await spoken("say good  morning", "", *earlier)

    assert words == [TextPiece("good"), TextPiece("  morning")]
    assert end == AnswerEnd(FinishReason.STOP, Usage(5, 2, is_estimated=True))


async def test_lines_that_name_tools_are_calls_with_their_arguments_as_they_are() -> None:
    *asked, end = await spoken('call echo {"text": "é"}\ncall get-time\ncall broken {half\nand more')

    assert asked == [CallAsked("echo", '{"text": "é"}'), CallAsked("get-time", ""), CallAsked("broken", "{half")]
    assert isinstance(end, AnswerEnd)


async def test_results_of_calls_are_the_answer() -> None:
    results: Sequence[str | ToolExchange] = [
        ToolExchange("echo", "{}", "one"),
        "a text",
        ToolExchange("get-time", "{}", "two"),
    ]
    prompt = Prompt([Message(MessageRole.USER, "call echo\ncall get-time")], results)

    said = [each async for each in MODEL.answer(prompt)]

    assert "".join(each.text for each in said if isinstance(each, TextPiece)) == "echo: one\nget-time: two"
    assert not [each for each in said if isinstance(each, CallAsked)]
