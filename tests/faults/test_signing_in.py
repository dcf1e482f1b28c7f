"""Sign-ins while a server is away: refused or late, never in part; requests that do not need it succeed."""

import asyncio

import httpx

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.conftest import attempts_at
from tests.faults.outages import away
from tests.faults.traces import INITIAL_TRACES, SIGNED_IN_ON_NEW_DEVICE, traces_of
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import new_device, on_device

LOGIN = "/auth/login"
DEVICE = "/auth/login/fingerprint/email-verification"


async def begin(api: httpx.AsyncClient, someone: SignedIn) -> str:
    """The flow of a sign-in on a new device."""
    return str(data(await api.post(LOGIN, json=new_device(someone.person)), 202)["flow_id"])


async def is_signed_in(api: httpx.AsyncClient, proof: dict[str, str], key: dict[str, str]) -> bool:
    """Whether a code typed with this Idempotency-Key has opened the session. A 503 says that it still may."""
    return (await api.post(DEVICE, json=proof, headers=key)).status_code == 200


async def test_login_without_mongodb_is_refused_and_leaves_nothing_behind(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, mailbox: Mailbox, someone: SignedIn
) -> None:
    at_home, elsewhere = someone.person.credentials, new_device(someone.person)

    async with away(stack, "mongodb"):
        answers = await asyncio.gather(*(api.post(LOGIN, json=body) for body in (at_home, elsewhere)))

    assert [refusal(answer) for answer in answers] == [(503, "DependencyUnavailable")] * 2
    assert await traces_of(resources, someone) == INITIAL_TRACES
    assert await mailbox.letters(someone.person.email, "fingerprint-verify") == []
    data(await api.post(LOGIN, json=at_home))


async def test_code_typed_without_mongodb_opens_one_session_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin(api, someone)
    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "fingerprint-verify")}
    key = {"Idempotency-Key": someone.person.username}

    async with away(stack, "mongodb"):
        typed = await api.post(DEVICE, json=proof, headers=key)

    assert typed.status_code in {202, 503}
    await eventually(lambda: is_signed_in(api, proof, key), within=60)
    assert await traces_of(resources, someone) == SIGNED_IN_ON_NEW_DEVICE


async def test_cancel_behind_a_code_that_is_retried_is_not_answered_as_done(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin(api, someone)
    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "fingerprint-verify")}

    async with away(stack, "mongodb"):
        await api.post(DEVICE, json=proof)
        cancelled = await api.post(f"/flows/{flow_id}/cancel")

    async def is_completed() -> bool:
        return bool(data(await api.get(f"/flows/{flow_id}"))["state"] == "completed")

    assert cancelled.status_code in {202, 503}
    await eventually(is_completed, within=60)


async def test_without_redis_users_sign_in_everywhere_and_stay_signed_in(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, mailbox: Mailbox, someone: SignedIn
) -> None:
    token = {"session_token": someone.session["session_token"]}

    async with away(stack, "redis"):
        refreshed = data(await api.post("/auth/session/refresh", json=token))
        current = data(await api.get("/auth/user/current", headers=on_device(someone, refreshed)))
        data(await api.post(LOGIN, json=someone.person.credentials))
        flow_id = await begin(api, someone)
        code = await mailbox.code(someone.person.email, "fingerprint-verify")
        elsewhere = data(await api.post(DEVICE, json={"flow_id": flow_id, "code": code}))

    assert current["userId"] == someone.user["_id"]
    assert elsewhere["user_id"] == someone.user["_id"]
    assert (await traces_of(resources, someone)).sessions == 3


async def test_code_asked_for_without_a_mail_server_arrives_once_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, mailbox: Mailbox, someone: SignedIn
) -> None:
    async with away(stack, "mailbox"):
        flow_id = await begin(api, someone)
        await eventually(lambda: attempts_at(resources, someone.person, "fingerprint-verify"))

    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "fingerprint-verify", within=30)}
    await eventually(lambda: is_signed_in(api, proof, {"Idempotency-Key": flow_id}))
    assert await traces_of(resources, someone) == SIGNED_IN_ON_NEW_DEVICE
    assert len(await mailbox.message_ids(someone.person.email, "fingerprint-verify")) == 1
