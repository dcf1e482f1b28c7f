"""Steps that no worker has accepted when they are answered: they may happen, and the answer says no more.

Temporal restarts with a wrong code in its memory, then a worker is killed with two right ones in its hands. Both happen
once, before the first test of this file.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from devstack.stack import Stack
from tests.faults.conftest import Whole
from tests.faults.outages import away, frozen, healthy, send_signal
from tests.support.clients import client_of
from tests.support.envelope import data, details, refusal
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import Person, begin, new_person, prove, prove_until_answered
from tests.support.polling import eventually

WRONG = "222222"


@dataclass(frozen=True)
class Case:
    """A user whose flow waits for its code. `answer`: to the step that no worker had accepted."""

    person: Person
    flow_id: str
    code: str
    answer: httpx.Response


@dataclass(frozen=True)
class Scene:
    keyed: Case
    unkeyed: Case
    seen_meanwhile: str
    forgotten: Case


@pytest.fixture(scope="module")
async def scene(stack: Stack) -> AsyncIterator[Scene]:
    async with client_of(stack.url("api")) as api, client_of(stack.url("mailbox")) as letters:
        one, other, third = [await begun(api, Mailbox(letters)) for _ in range(3)]
        async with away(stack, "worker"):
            forgotten = await prove(api, third[0], third[1], WRONG)
            async with away(stack, "temporal"):
                pass
        await healthy(stack)
        with frozen(stack, "worker"):
            keyed, unkeyed, seen = await asyncio.gather(
                prove(api, *one, key=one[0].request_key), prove(api, *other), state_of(api, one[1])
            )
            send_signal(stack, "worker", signal.SIGKILL)
        await healthy(stack)
        yield Scene(Case(*one, keyed), Case(*other, unkeyed), seen, Case(*third, forgotten))


async def begun(api: httpx.AsyncClient, mailbox: Mailbox) -> tuple[Person, str, str]:
    """A user, their flow that waits for its code, and the code."""
    person = new_person()
    flow = await begin(api, person)
    return person, str(flow["flow_id"]), await mailbox.code(person.email, "create-account")


async def completed(api: httpx.AsyncClient, case: Case) -> None:
    """Return once the next worker has taken the step."""

    async def is_over() -> bool:
        return await state_of(api, case.flow_id) == "completed"

    await eventually(is_over, within=60)


async def test_step_is_answered_503_that_leaves_open_whether_it_happens(scene: Scene) -> None:
    answers = [scene.keyed.answer, scene.unkeyed.answer, scene.forgotten.answer]

    assert [refusal(each) for each in answers] == [(503, "DependencyUnavailable")] * 3
    assert all("may still happen" in each.json()["message"] for each in answers)
    assert all(int(each.headers["retry-after"]) > 0 for each in answers)
    assert scene.seen_meanwhile == "running"


async def test_step_in_the_hands_of_a_killed_worker_is_taken_once_by_the_next(
    scene: Scene, api: httpx.AsyncClient, whole: Whole
) -> None:
    await completed(api, scene.keyed)

    await whole(scene.keyed.person)


async def test_repeat_with_its_key_gets_the_answer_of_the_step(scene: Scene, api: httpx.AsyncClient) -> None:
    case = scene.keyed

    answer = await prove_until_answered(api, case.person, case.flow_id, case.code)

    registered = data(answer, 201)
    assert registered["user"]["username"] == case.person.username
    assert registered["session"]["session_token"]


async def test_repeat_without_a_key_is_another_step_and_finds_the_flow_closed(
    scene: Scene, api: httpx.AsyncClient, whole: Whole
) -> None:
    case = scene.unkeyed
    await completed(api, case)

    answer = await prove(api, case.person, case.flow_id, case.code)

    assert refusal(answer) == (409, "FlowClosed")
    await whole(case.person)


async def test_step_is_lost_when_the_server_restarts(scene: Scene, api: httpx.AsyncClient) -> None:
    """Why 503 and not 202. If this fails, Temporal keeps such steps by now: see decision 0061."""
    case = scene.forgotten

    answer = await prove_until_answered(api, case.person, case.flow_id, WRONG)

    assert refusal(answer) == (400, "WrongCode")
    assert details(answer) == {"attempts_left": 4}
