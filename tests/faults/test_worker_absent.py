"""No worker: a start is durable, a step is refused, and the next worker continues where the last one stopped.

The outage happens once, before the first test of this file; each test then checks its own user.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass

import httpx
import pytest

from adapters.resources import Resources
from decode_client import DecodeClient, DecodeError
from devstack.stack import Stack
from tests.faults.conftest import Whole
from tests.faults.outages import away
from tests.support.account_deletion import deactivate
from tests.support.accounts import make_account
from tests.support.clients import client_of
from tests.support.envelope import Json, data, details, refusal
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import Person, SignedIn, begin, new_person, prove, prove_until_answered
from tests.support.polling import eventually
from tests.support.relationships import BLOCK, FOLLOW, block, follow, ids, ids_of, page


@dataclass(frozen=True)
class Scene:
    """What was asked while there was no worker, and what was answered."""

    starter: Person
    started: Json
    seen: str
    seconds: float
    unkeyed_flow: str
    unkeyed: httpx.Response
    keyed_flow: str
    keyed: httpx.Response
    cancelled_flow: str
    cancelled: httpx.Response
    newcomers: Sequence[str]
    related: Json
    after_leaving: Json
    renamed: str
    found_by_new_name: Sequence[str]
    by_client: DecodeError | None


async def begun(api: httpx.AsyncClient, mailbox: Mailbox) -> str:
    """A flow that waits for its code."""
    person = new_person()
    flow = await begin(api, person)
    await mailbox.letter(person.email, "create-account")
    return str(flow["flow_id"])


async def guess(api: httpx.AsyncClient, flow_id: str, *, key: str | None = None) -> httpx.Response:
    return await prove(api, new_person(fingerprint="f" * 32), flow_id, "222222", key=key)


async def guess_by_client(url: str, flow_id: str) -> DecodeError | None:
    """How our client's call ends."""
    async with DecodeClient(url) as decode:
        try:
            await decode.registration.verify_email(flow_id=flow_id, code="222222")
        except DecodeError as refused:
            return refused
    return None


async def cancel(api: httpx.AsyncClient, flow_id: str) -> httpx.Response:
    return await api.post(f"/flows/{flow_id}/cancel", headers={"Idempotency-Key": flow_id})


async def plan_reads(api: httpx.AsyncClient, reader: SignedIn) -> None:
    """Ask for all that is read below until it is answered: the graph plans a query at its first use, and that may take
    longer than an answer may.
    """
    lists = [f"{FOLLOW}/followings/me", f"{FOLLOW}/followers/me", f"{BLOCK}/blocked", "/users/search?q=zoe"]

    async def are_answered() -> bool:
        status = await api.post("/relationship/status", json={"user_ids": ids_of(reader)}, headers=reader.bearer)
        return all(
            each.is_success for each in [status, *[await api.get(path, headers=reader.bearer) for path in lists]]
        )

    await eventually(are_answered, within=60)


async def relate(api: httpx.AsyncClient, one: SignedIn, other: SignedIn) -> Json:
    """One follows the other, then blocks them. Returns whom the lists held after each."""
    data(await follow(api, one, other))
    status = await api.post("/relationship/status", json={"user_ids": ids_of(other)}, headers=one.bearer)
    pages = {
        "followings": await page(api, f"{FOLLOW}/followings/me", one),
        "followers": await page(api, f"{FOLLOW}/followers/me", other),
        "found": await page(api, "/users/search", one, q=other.person.username),
    }
    data(await block(api, one, other))
    pages["blocked"] = await page(api, f"{BLOCK}/blocked", one)
    held = {name: ids(found) for name, found in pages.items()}
    return held | {"is_following": data(status)["users"][0]["is_following"]}


async def leave(api: httpx.AsyncClient, one: SignedIn, other: SignedIn) -> Json:
    """They follow each other, then the other deactivates the account. Returns where the one still sees them."""
    data(await follow(api, one, other))
    data(await follow(api, other, one))
    await deactivate(api, other)
    status = await api.post("/relationship/status", json={"user_ids": ids_of(other)}, headers=one.bearer)
    pages = {
        "followings": await page(api, f"{FOLLOW}/followings/me", one),
        "followers": await page(api, f"{FOLLOW}/followers/me", one),
        "found": await page(api, "/users/search", one, q=other.person.username),
    }
    relation = data(status)["users"][0]
    flags = {name: relation[name] for name in ("is_following", "is_follower")}
    return {name: ids(found) for name, found in pages.items()} | flags


async def rename(api: httpx.AsyncClient, someone: SignedIn) -> Sequence[str]:
    """They set a display name. Returns whom a search for it finds."""
    name = f"Zoe {someone.person.username[-8:]}"
    data(await api.put("/users/profile/display-name", json={"display_name": name}, headers=someone.bearer))
    return ids(await page(api, "/users/search", someone, q=name))


@pytest.fixture(scope="module")
async def scene(stack: Stack, resources: Resources) -> AsyncIterator[Scene]:
    async with (
        client_of(stack.url("api")) as api,
        client_of(stack.url("mailbox")) as letters,
    ):
        flows = [await begun(api, Mailbox(letters)) for _ in range(4)]
        starter = new_person()
        await plan_reads(api, await make_account(resources))
        async with away(stack, "worker"):
            client = asyncio.create_task(guess_by_client(stack.url("api"), flows[3]))
            (started, seconds), unkeyed, keyed, cancelled = await asyncio.gather(
                timed(begin(api, starter)),
                guess(api, flows[0]),
                guess(api, flows[1], key=flows[1]),
                cancel(api, flows[2]),
            )
            seen = await state_of(api, started["flow_id"])
            newcomers = [await make_account(resources, is_in_graph=False) for _ in range(2)]
            related = await relate(api, *newcomers)
            renamed = await make_account(resources)
            found_by_new_name = await rename(api, renamed)
            after_leaving = await leave(api, *[await make_account(resources) for _ in range(2)])
        by_client = await client
        yield Scene(
            starter=starter,
            started=started,
            seen=seen,
            seconds=seconds,
            unkeyed_flow=flows[0],
            unkeyed=unkeyed,
            keyed_flow=flows[1],
            keyed=keyed,
            cancelled_flow=flows[2],
            cancelled=cancelled,
            newcomers=ids_of(*newcomers),
            related=related,
            after_leaving=after_leaving,
            renamed=renamed.user["_id"],
            found_by_new_name=found_by_new_name,
            by_client=by_client,
        )


async def timed(work: Awaitable[Json]) -> tuple[Json, float]:
    """The result, and how many seconds it took."""
    began = time.monotonic()
    return await work, time.monotonic() - began


async def test_start_is_answered_at_once_and_shown_as_running(scene: Scene) -> None:
    assert (scene.started["state"], scene.seen) == ("running", "running")
    assert scene.seconds < 3.5


async def test_start_goes_on_with_the_next_worker(
    scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox, whole: Whole
) -> None:
    code = await mailbox.code(scene.starter.email, "create-account", within=60)

    data(await prove_until_answered(api, scene.starter, scene.started["flow_id"], code), 201)

    await whole(scene.starter)
    assert len(await mailbox.letters(scene.starter.email, "create-account")) == 1


async def test_steps_are_refused_and_worth_another_try(scene: Scene) -> None:
    answers = (scene.unkeyed, scene.keyed, scene.cancelled)

    assert [refusal(each) for each in answers] == [(503, "DependencyUnavailable")] * 3
    assert all(int(each.headers["retry-after"]) > 0 for each in answers)


async def test_step_repeated_with_its_key_is_counted_once(scene: Scene, api: httpx.AsyncClient) -> None:
    answer = await guess(api, scene.keyed_flow, key=scene.keyed_flow)

    assert refusal(answer) == (400, "WrongCode")
    assert details(answer) == {"attempts_left": 4}


async def test_cancel_repeated_with_its_key_ends_the_flow(scene: Scene, api: httpx.AsyncClient) -> None:
    answer = await cancel(api, scene.cancelled_flow)

    assert data(answer)["state"] == "cancelled"


async def test_newcomers_follow_and_block_as_ever(scene: Scene) -> None:
    """Whom the graph does not have yet, the follow brings into it: no list waits for the worker."""
    one, other = scene.newcomers

    assert scene.related == {
        "followings": [other],
        "followers": [one],
        "found": [other],
        "is_following": True,
        "blocked": [other],
    }


async def test_deactivated_user_is_hidden_at_once(scene: Scene) -> None:
    assert scene.after_leaving == {
        "followings": [],
        "followers": [],
        "found": [],
        "is_following": False,
        "is_follower": False,
    }


async def test_new_name_is_found_at_once(scene: Scene) -> None:
    assert list(scene.found_by_new_name) == [scene.renamed]


async def test_client_waits_for_the_worker_and_is_counted_once(scene: Scene) -> None:
    assert scene.by_client
    assert scene.by_client.error == "WrongCode"
    assert scene.by_client.details == {"attempts_left": 4}
