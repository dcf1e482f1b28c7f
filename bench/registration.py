"""Registration compared with its limits: the latency of its requests, and the time until the code is delivered."""

import statistics
import time
from dataclasses import dataclass

import httpx

from adapters.resources import Resources
from bench import baseline_workflow as empty
from bench.timing import Figure, p50
from tests.support.mailbox import Mailbox
from tests.support.people import begin, new_person
from tests.support.polling import eventually

ROUNDS = 40
WARM_UP = 10
MAIL_PROMISE_MS = 100.0


@dataclass(frozen=True)
class WaitTimes:
    """The latencies of one registration, in milliseconds."""

    start: float
    mail: float
    verify: float


async def measure(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> list[Figure]:
    """Measure start, mail and verify, idle, one at a time; the limits in the same run."""
    await _register(api, mailbox, resources, WARM_UP)
    async with empty.worker(resources.temporal):
        await p50([lambda: empty.update_with_start(resources.temporal)] * WARM_UP)
        update = await p50([lambda: empty.update_with_start(resources.temporal)] * ROUNDS)
    hashing = await p50([lambda: resources.auth.password_hasher.hash("a long enough pass phrase")] * ROUNDS)
    waits = await _register(api, mailbox, resources, ROUNDS)
    return [
        Figure(
            what="registration start, idle, p50",
            ours=statistics.median(wait.start for wait in waits),
            limit_is="empty update-with-start + one Argon2id hash",
            limit=update + hashing,
            unit="ms",
            want=2.5,
            is_at_most=True,
        ),
        Figure(
            what="registration verify, idle, p50",
            ours=statistics.median(wait.verify for wait in waits),
            limit_is="empty update-with-start",
            limit=update,
            unit="ms",
            want=2.5,
            is_at_most=True,
        ),
        Figure(
            what="answered ask to code in the mailbox, idle, p50",
            ours=statistics.median(wait.mail for wait in waits),
            limit_is="promised",
            limit=MAIL_PROMISE_MS,
            unit="ms",
            want=1.0,
            is_at_most=True,
        ),
    ]


async def _register(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, count: int) -> list[WaitTimes]:
    return [await _one(api, mailbox, resources) for _ in range(count)]


async def _one(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> WaitTimes:
    """Measure one registration, and wait until the stack has finished it."""
    person = new_person()
    began = time.perf_counter()
    flow = await begin(api, person)
    answered = time.perf_counter()
    code = await mailbox.code(person.email, "create-account")
    mailed = time.perf_counter()
    proof = {"flow_id": flow["flow_id"], "code": code, **person.device}
    response = await api.post("/auth/register/verify-email", json=proof)
    verified = time.perf_counter()
    if response.status_code != httpx.codes.CREATED:
        raise RuntimeError(response.text)
    await mailbox.letter(person.email, "welcome-message")
    await eventually(lambda: _is_synced(resources, person.username))
    return WaitTimes((answered - began) * 1000, (mailed - answered) * 1000, (verified - mailed) * 1000)


async def _is_synced(resources: Resources, username: str) -> bool:
    synced = {"username_key": username, "sync_open_since": {"$exists": False}}
    return await resources.clients.database["users"].find_one(synced, {"_id": 1}) is not None
