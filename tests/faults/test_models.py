"""Models of providers fail in every way that they can: each turn ends in a named state, with all that was said before.

The provider is a scripted server; the turns are answered by a worker in this process, on the servers of the stack.
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from activities.assistant import speech
from adapters.ai.anthropic_wire import ANTHROPIC
from adapters.ai.endpoint import Endpoint, open_client
from adapters.ai.http_model import HttpModel
from adapters.ai.openai_wire import OPENAI
from adapters.ai.wire import Wire, WireModel
from adapters.resources import Resources
from config.settings import Settings
from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.script import Answer, Call, Finish
from devstack.model_server.server import KEY, ModelServer
from domain.assistant.language_models import ModelFacts
from domain.assistant.turn_ends import FinishReason, TurnFailure, TurnState
from domain.assistant.turns import Turn
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.talks import Talks, talks_of
from tests.support.turn_worker import TurnWorker, turn_worker

FIRST = ModelFacts("first", context_tokens=8_192, max_output=40, can_call_tools=True)
SECOND = replace(FIRST, name="second")
TEXT = "Good morning to all of you"
QUIET = timedelta(seconds=0.5)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer.serving() as server:
        yield server


@pytest.fixture(scope="module")
async def worker(settings: Settings, server: ModelServer) -> AsyncIterator[TurnWorker]:
    """A chain of two models, one by each wire."""
    async with open_client() as client:

        def model(facts: ModelFacts, wire: Wire) -> HttpModel:
            endpoint = Endpoint(client, f"{server.url}/v1{wire.path}", wire.headers(KEY), most_at_once=8)
            return HttpModel(WireModel(facts, facts.name), wire, endpoint)

        async with turn_worker(settings, model(FIRST, OPENAI), model(SECOND, ANTHROPIC)) as worker:
            yield worker


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def talks(resources: Resources, server: ModelServer, someone: SignedIn) -> Talks:
    """Of a user who is asked for nothing yet. No model is down."""
    await resources.clients.redis.delete("model_down:first", "model_down:second")
    server.asked.clear()
    return replace(talks_of(resources, someone.user["_id"]), asker_id=someone.session["_id"])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is silent for half a second has failed."""
    monkeypatch.setattr(speech, "FIRST_BYTE_TIMEOUT", QUIET)
    monkeypatch.setattr(speech, "SILENCE_TIMEOUT", QUIET)


def failing(kind: FaultKind, **more: Any) -> Answer:
    return Answer(text=TEXT, fault=Fault(kind=kind, **more))


async def answered(worker: TurnWorker, talks: Talks, text: str = "hello") -> Turn:
    turn_id = await worker.answer(talks, text)

    async def is_closed() -> Turn | None:
        turn = await talks.turn(turn_id)
        return None if turn.state.is_open else turn

    return await eventually(is_closed, within=30)


def asked(server: ModelServer) -> list[str]:
    return [str(body_of(each)["model"]) for each in server.asked]


def body_of(each: Any) -> dict[str, Any]:
    body: dict[str, Any] = each.body
    return body


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        pytest.param(failing(FaultKind.HANG), 2, id="hangs"),
        pytest.param(failing(FaultKind.HANG, after=2), 2, id="hangs-amid"),
        pytest.param(failing(FaultKind.RESET, after=2), 2, id="reset-amid"),
        pytest.param(failing(FaultKind.STATUS, status=429), 2, id="429"),
        pytest.param(failing(FaultKind.STATUS, status=500), 2, id="500"),
        pytest.param(failing(FaultKind.NOT_JSON, after=2), 2, id="garbage"),
        pytest.param(failing(FaultKind.NO_END), 1, id="no-end"),
        pytest.param(failing(FaultKind.STATUS, status=401), 1, id="401"),
        pytest.param(failing(FaultKind.CONTEXT_TOO_LONG), 2, id="too-long"),
    ],
)
async def test_next_model_answers_whole_whatever_the_first_has_said(
    worker: TurnWorker, server: ModelServer, talks: Talks, answer: Answer, tries: int
) -> None:
    server.script(answer, model="first")
    server.script(Answer(text=TEXT), model="second")

    turn = await answered(worker, talks)

    assert (turn.state, turn.failure, turn.answer) == (TurnState.COMPLETED, None, TEXT)
    assert asked(server) == ["first"] * tries + ["second"] * (answer.fault != Fault(kind=FaultKind.NO_END))


@pytest.mark.parametrize(
    ("answer", "state", "failure"),
    [
        pytest.param(
            failing(FaultKind.STATUS, status=503), TurnState.FAILED, TurnFailure.MODEL_UNAVAILABLE, id="unavailable"
        ),
        pytest.param(
            failing(FaultKind.STATUS, status=403), TurnState.FAILED, TurnFailure.MODEL_UNAVAILABLE, id="forbidden"
        ),
        pytest.param(
            failing(FaultKind.CONTEXT_TOO_LONG), TurnState.FAILED, TurnFailure.CONTEXT_TOO_LONG, id="too-long"
        ),
        pytest.param(
            Answer(text="I", finish=Finish.CONTENT_FILTER), TurnState.FAILED, TurnFailure.CONTENT_REFUSED, id="refused"
        ),
        pytest.param(failing(FaultKind.ENDLESS), TurnState.COMPLETED, None, id="endless"),
        pytest.param(Answer(text=TEXT, finish=Finish.LENGTH), TurnState.COMPLETED, None, id="cut"),
    ],
)
async def test_turn_ends_in_a_named_state_when_all_models_do_the_same(
    worker: TurnWorker, server: ModelServer, talks: Talks, answer: Answer, state: TurnState, failure: TurnFailure | None
) -> None:
    for model in ("first", "second"):
        server.script(answer, model=model)

    turn = await answered(worker, talks)

    assert (turn.state, turn.failure) == (state, failure)
    assert failure or turn.finish_reason is FinishReason.LENGTH
    assert len(turn.answer.encode()) <= FIRST.max_answer_bytes


async def test_model_is_asked_again_when_it_says_that_it_may_be(
    worker: TurnWorker, server: ModelServer, talks: Talks
) -> None:
    server.script(failing(FaultKind.STATUS, status=429, retry_after="0.6"), Answer(text=TEXT), model="first")

    turn = await answered(worker, talks)

    first, second = server.asked
    assert turn.answer == TEXT
    assert second.at - first.at >= 0.6


async def test_model_that_has_failed_five_times_is_asked_last(
    worker: TurnWorker, server: ModelServer, talks: Talks
) -> None:
    server.script(failing(FaultKind.STATUS, status=500), model="first")
    server.script(Answer(text=TEXT), model="second")
    for _ in range(3):
        await answered(worker, talks)
    server.asked.clear()

    await answered(worker, talks)

    assert asked(server) == ["second"]


async def test_broken_calls_of_tools_run_no_handler_and_are_told_to_the_model(
    worker: TurnWorker, server: ModelServer, talks: Talks
) -> None:
    calls = [
        Call(tool="unknown", arguments="{}"),
        Call(tool="", arguments="{}"),
        Call(tool="echo", arguments='{"text":'),
        Call(tool="echo", arguments=f'{{"text":"{"x" * 20_000}"}}'),
    ]
    server.script(Answer(calls=tuple(calls)), Answer(text=TEXT), model="first")

    turn = await answered(worker, talks)

    assert turn.answer == TEXT
    codes = [json.loads(content)["error"]["code"] for content in results_in(body_of(server.asked[-1]))]
    assert codes == ["TOOL_NOT_FOUND", "TOOL_NOT_FOUND", "INVALID_PARAMETERS", "INVALID_PARAMETERS"]


def results_in(body: dict[str, Any]) -> Sequence[str]:
    return [message["content"] for message in body["messages"] if message["role"] == "tool"]


async def test_provider_learns_nothing_of_who_asks(
    worker: TurnWorker, server: ModelServer, talks: Talks, someone: SignedIn
) -> None:
    server.script(Answer(calls=(Call(tool="get-time"),)), failing(FaultKind.RESET, after=2), model="first")
    server.script(Answer(text=TEXT), model="second")

    await answered(worker, talks)

    sent = json.dumps([{"body": each.body, "headers": dict(each.headers)} for each in server.asked])
    person = someone.person
    personal = [person.username, person.email, person.fingerprint, someone.user["_id"], someone.session["_id"]]
    assert [each for each in personal if each in sent] == []
    assert {body_of(each).get("user") or body_of(each)["metadata"]["user_id"] for each in server.asked} == {
        talks.resources.hashes.model_user(talks.user_id)
    }
