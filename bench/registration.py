"""Registration: what a whole one costs all processes, how many a second, and the latency of its requests when idle."""

import asyncio
import os
import statistics
import time
from dataclasses import astuple, dataclass

from bench import baseline_workflow as empty
from bench.bench import Bench
from bench.figure import Figure, Limit, at_least, at_most, at_most_times
from bench.floors import empty_flow_cpu, one_hash
from bench.raw_http_client import RawHttpClient
from bench.timing import send_all, spaced
from bench.visitors import new_address
from domain.delivery.mail import MailKind
from tests.support.people import new_person

CLIENTS = 16
PAUSE_SECONDS = 0.5
"""By then the registration before is through: its welcome mail is sent, its node written, its flow closed."""
FLOOR = "empty update-with-start + one Argon2id hash"


@dataclass(frozen=True)
class WaitTimes:
    """The latencies of one registration, in milliseconds."""

    start: float
    mail: float
    verify: float


async def measure(bench: Bench) -> list[Figure]:
    """Measure registrations on an idle stack, then many by sixteen clients at once."""
    return [*await _idle(bench), *await _whole(bench)]


async def _whole(bench: Bench) -> list[Figure]:
    count = bench.rounds(128, 32)
    hashing, flow = await one_hash(bench), await empty_flow_cpu(bench, at_once=CLIENTS)
    spent = await bench.meter.spent(
        count, send_all(bench.url, [lambda http: _register(bench, http)] * count, at_once=CLIENTS)
    )
    floor = Limit(FLOOR, flow + hashing.cpu_ms)
    return [
        Figure(
            what="whole registration, 16 clients, CPU of all",
            ours=spent.total,
            unit="ms",
            limit=floor,
            want=at_most(130),
            split=spent.split,
            because="workflow tasks: each costs Temporal 6 to 8 ms and the worker 2, whatever is done in it.",
        ),
        Figure(
            what="whole registrations, 16 clients",
            ours=count / spent.seconds,
            unit="/s",
            limit=Limit("all cores with nothing but that floor", 1000 * (os.cpu_count() or 1) / floor.value),
            want=at_least(10),
            because="the processors: all processes and the clients share two cores, and both are busy.",
        ),
    ]


async def _idle(bench: Bench) -> list[Figure]:
    update, hashing = await _idle_floor(bench)
    http = RawHttpClient(bench.url)
    waits = [await _register_when_idle(bench, http) for _ in range(bench.rounds(50, 8))][bench.rounds(10, 2) :]
    start, mail, verify = (statistics.median(times) for times in zip(*map(astuple, waits), strict=True))
    floor = Limit(FLOOR, update + hashing)
    return [
        Figure(
            what="registration asked for, idle, p50",
            ours=start,
            unit="ms",
            limit=floor,
            want=at_most_times(2.5),
            because="the hash, then the first workflow task with what it does: hold of the name, place of the network.",
        ),
        Figure(
            what="answered ask to code in the mailbox, idle, p50",
            ours=mail,
            unit="ms",
            want=at_most(80),
            because="the start of what sends the mail, its record in MongoDB, and the dialogue with the mail server.",
        ),
        Figure(
            what="registration verified, idle, p50",
            ours=verify,
            unit="ms",
            limit=Limit("empty update-with-start", update),
            want=at_most_times(2.5),
            because="one workflow task and the transaction that makes account, session and device, journalled.",
        ),
    ]


async def _idle_floor(bench: Bench) -> tuple[float, float]:
    """Return the milliseconds of an empty update-with-start and of one hash, spaced alike."""
    rounds, resources = bench.rounds(40, 12), bench.resources
    async with empty.worker(resources.temporal):
        updates = await spaced([lambda: empty.update_with_start(resources.temporal)] * rounds, seconds=PAUSE_SECONDS)
    hashes = [lambda: resources.auth.password_hasher.hash("a long enough pass phrase")] * rounds
    return statistics.median(updates), statistics.median(await spaced(hashes, seconds=PAUSE_SECONDS))


async def _register_when_idle(bench: Bench, http: RawHttpClient) -> WaitTimes:
    await asyncio.sleep(PAUSE_SECONDS)
    return await _register(bench, http)


async def _register(bench: Bench, http: RawHttpClient) -> WaitTimes:
    """Register a new person from a network of their own."""
    person, address = new_person(), new_address()
    began = time.time()
    started = await http.post("/auth/register/email-verification", person.application, address=address)
    answered = time.time()
    letter = await bench.postman.code(person.email, MailKind.CREATE_ACCOUNT)
    proof = {"flow_id": started["data"]["flow_id"], "code": letter.code, **person.device}
    asked = time.time()
    await http.post_step("/auth/register/verify-email", proof, address)
    return WaitTimes((answered - began) * 1000, (letter.received_at - answered) * 1000, (time.time() - asked) * 1000)
