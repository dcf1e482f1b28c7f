"""Both wires say the same of the same answer, and name each failure by what can be done about it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from adapters.ai.anthropic_wire import ANTHROPIC
from adapters.ai.endpoint import Endpoint, open_client
from adapters.ai.http_model import HttpModel
from adapters.ai.openai_wire import OPENAI
from adapters.ai.wire import Wire, WireModel
from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.script import Answer, Call, Finish
from devstack.model_server.script import Usage as ScriptedUsage
from devstack.model_server.server import KEY, ModelServer
from domain.assistant.conversation import Message, Prompt, ToolExchange
from domain.assistant.history import MessageRole
from domain.assistant.language_models import (
    AnswerEnd,
    CallAsked,
    ModelFacts,
    ModelFailed,
    ModelRefused,
    ModelUnusable,
    PromptTooLong,
    QuestionRefused,
    Spoken,
    TextPiece,
)
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.registry import MAX_ARGUMENT_BYTES, MAX_CALLS_PER_TURN
from domain.assistant.turn_ends import FinishReason
from domain.assistant.turns import Usage
from tests.adapters.ai.wire_bodies import WIRE_BODIES
from tests.support.polling import eventually

FACTS = ModelFacts("tested", context_tokens=4_096, max_output=512, can_call_tools=True, continues=True)
UNREAD = (FaultKind.STATUS, FaultKind.CONTEXT_TOO_LONG, FaultKind.LLAMA_CONTEXT_TOO_LONG)
"""In place of an answer: what comes amid it has been read, and costs."""
QUESTION = Prompt([Message(MessageRole.USER, "hello?")], system="Be kind.", user="pseudonym")
pytestmark = pytest.mark.parametrize("wire", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"], indirect=True)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer.serving() as server:
        yield server


@pytest.fixture
def wire(request: pytest.FixtureRequest) -> Wire:
    chosen: Wire = request.param
    return chosen


@pytest.fixture
async def model(server: ModelServer, wire: Wire) -> AsyncIterator[HttpModel]:
    async with open_client() as client:
        yield model_at(server.url, wire, client)


def model_at(url: str, wire: Wire, client: Any, key: str = KEY) -> HttpModel:
    endpoint = Endpoint(client, f"{url}/v1{wire.path}", wire.headers(key), most_at_once=2)
    return HttpModel(WireModel(FACTS, "wired", temperature=0), wire, endpoint)


async def say_all(model: HttpModel, prompt: Prompt = QUESTION) -> Sequence[Spoken]:
    async with asyncio.timeout(15):
        return [spoken async for spoken in model.answer(prompt)]


def text_of(said: Sequence[Spoken]) -> str:
    return "".join(spoken.text for spoken in said if isinstance(spoken, TextPiece))


async def test_answer_comes_in_pieces_with_its_end_and_what_it_has_cost(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="Grüße ☀ to all", usage=ScriptedUsage(prompt=12, completion=5, cached=4)))

    said = await say_all(model)

    assert [spoken.text for spoken in said if isinstance(spoken, TextPiece)] == ["Grüße", " ☀", " to", " all"]
    assert said[-1] == AnswerEnd(FinishReason.STOP, Usage(12, 5, cached_tokens=4))


async def test_calls_of_tools_come_whole(server: ModelServer, model: HttpModel) -> None:
    calls = (Call(tool="echo", arguments='{"text":"é"}', fragments=4), Call(tool="get-time", arguments=""))
    server.script(Answer(text="Let me see.", calls=calls))

    said = await say_all(model)

    assert text_of(said) == "Let me see."
    assert [spoken for spoken in said if isinstance(spoken, CallAsked)] == [
        CallAsked("echo", '{"text":"é"}'),
        CallAsked("get-time", ""),
    ]


async def test_of_broken_calls_no_more_is_kept_than_is_needed_to_refuse_them(
    server: ModelServer, model: HttpModel
) -> None:
    large = Call(tool="e" * 1_000, arguments="x" * 500_000, fragments=50)
    server.script(Answer(calls=(large,) * 50, usage=None))

    calls = [spoken for spoken in await say_all(model) if isinstance(spoken, CallAsked)]

    assert len(calls) == MAX_CALLS_PER_TURN + 1
    assert max(len(call.arguments) for call in calls) <= 2 * (MAX_ARGUMENT_BYTES + 1)
    assert max(len(call.tool) for call in calls) < 100


@pytest.mark.parametrize(
    ("finish", "reason"), [(Finish.STOP, FinishReason.STOP), (Finish.LENGTH, FinishReason.LENGTH)], ids=["stop", "cut"]
)
async def test_answer_says_whether_it_is_whole(
    server: ModelServer, model: HttpModel, finish: Finish, reason: FinishReason
) -> None:
    server.script(Answer(text="so", finish=finish))

    end = (await say_all(model))[-1]

    assert isinstance(end, AnswerEnd)
    assert end.finish_reason is reason


async def test_usage_that_is_not_said_is_none(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="so", usage=None), Answer(text="so", usage=ScriptedUsage(prompt=-5, completion=1)))

    ends = [(await say_all(model))[-1] for _ in range(2)]

    assert ends == [AnswerEnd(FinishReason.STOP, None)] * 2


@pytest.mark.parametrize("fault", [FaultKind.DRIP, FaultKind.SPLIT_UTF8])
async def test_text_is_whole_however_it_is_cut_on_its_way(
    server: ModelServer, model: HttpModel, fault: FaultKind
) -> None:
    server.script(Answer(text="Grüße ☀", fault=Fault(kind=fault)))

    assert text_of(await say_all(model)) == "Grüße ☀"


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        *[
            pytest.param(Fault(kind=FaultKind.STATUS, status=status), ModelFailed, id=f"{status}")
            for status in (408, 409, 425, 429, 500, 503, 529)
        ],
        *[
            pytest.param(Fault(kind=FaultKind.STATUS, status=status), ModelUnusable, id=f"{status}")
            for status in (401, 403, 404)
        ],
        *[
            pytest.param(Fault(kind=FaultKind.STATUS, status=status), QuestionRefused, id=f"{status}")
            for status in (400, 422)
        ],
        pytest.param(Fault(kind=FaultKind.CONTEXT_TOO_LONG), PromptTooLong, id="too-long"),
        pytest.param(Fault(kind=FaultKind.LLAMA_CONTEXT_TOO_LONG), PromptTooLong, id="too-long-for-llama"),
        pytest.param(Fault(kind=FaultKind.RESET), ModelFailed, id="reset"),
        pytest.param(Fault(kind=FaultKind.RESET, after=1), ModelFailed, id="reset-amid"),
        pytest.param(Fault(kind=FaultKind.ERROR_EVENT, after=1), ModelFailed, id="error-amid"),
        pytest.param(Fault(kind=FaultKind.HALF_LINE, after=1), ModelFailed, id="half-a-line"),
        pytest.param(Fault(kind=FaultKind.NOT_JSON, after=1), ModelFailed, id="no-json"),
    ],
)
async def test_each_failure_says_what_may_help(
    server: ModelServer, model: HttpModel, fault: Fault, failure: type[Exception]
) -> None:
    server.script(Answer(text="Good morning to all", fault=fault))

    with pytest.raises(ModelFailed) as failed:
        await say_all(model)

    assert (type(failed.value), failed.value.is_unread) == (failure, fault.kind in UNREAD)


async def test_line_that_is_no_event_is_passed_over(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="Good morning", fault=Fault(kind=FaultKind.NOT_SSE, after=1)))

    assert text_of(await say_all(model)) == "Good morning"


async def test_refusal_is_no_failure(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="I", finish=Finish.CONTENT_FILTER))

    with pytest.raises(ModelRefused):
        await say_all(model)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("nan", None),
        (f"Fri, 31 Dec {9**30} 23:59:59 GMT", None),
    ],
)
async def test_model_says_when_it_may_be_asked_again(
    server: ModelServer, model: HttpModel, sent: str, read: float | None
) -> None:
    server.script(Answer(fault=Fault(kind=FaultKind.STATUS, status=429, retry_after=sent)))

    with pytest.raises(ModelFailed) as failed:
        await say_all(model)

    assert failed.value.retry_after == (None if read is None else timedelta(seconds=read))


async def test_wrong_key_and_a_server_that_is_away_are_failures(server: ModelServer, wire: Wire) -> None:
    async with open_client() as client:
        with pytest.raises(ModelUnusable):
            await say_all(model_at(server.url, wire, client, key="wrong"))
        with pytest.raises(ModelFailed):
            await say_all(model_at("http://127.0.0.1:9", wire, client))


async def test_provider_hears_of_it_at_once_when_nobody_listens_any_more(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="again ", fault=Fault(kind=FaultKind.ENDLESS), pause_ms=5))
    answer = model.answer(QUESTION)
    while not isinstance(await anext(answer), TextPiece):
        pass

    await answer.aclose()

    async def is_gone() -> bool:
        return server.asked[-1].outcome == "client_gone"

    await eventually(is_gone)


async def test_begun_answer_is_continued_without_the_blanks_at_the_cut(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="It is so", continues=True))

    said = await say_all(model, Prompt(QUESTION.messages, begun="It "))

    assert text_of(said) == "is so"
    assert cast(Any, server.asked[-1].body)["messages"][-1]["role"] == "assistant"


async def test_request_holds_the_conversation_and_nothing_else(
    server: ModelServer, wire: Wire, model: HttpModel
) -> None:
    echo = REGISTRY.find("echo")
    assert echo
    steps: list[str | ToolExchange] = ["Let me see.", ToolExchange("echo", '{"text":"é"}', '{"success":true}')]
    prompt = Prompt(QUESTION.messages, steps, system="Be kind.", tools=[echo], user="pseudonym")

    await say_all(model, prompt)

    assert server.asked[-1].body == WIRE_BODIES[wire.path](echo.description, echo.parameters)


async def test_no_more_requests_are_under_way_than_the_model_may_have(server: ModelServer, model: HttpModel) -> None:
    server.script(Answer(text="again ", fault=Fault(kind=FaultKind.HANG, after=1)))
    asking = [asyncio.create_task(say_all(model)) for _ in range(3)]

    async def are_asked() -> bool:
        return len(server.asked) == 2

    await eventually(are_asked)
    asking[0].cancel()

    async def is_next_asked() -> bool:
        return len(server.asked) == 3

    await eventually(is_next_asked)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
