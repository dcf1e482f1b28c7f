"""The API is killed, or asked to leave: what it has begun it finishes, and a repeat finds its flow."""

import asyncio
import json
import secrets
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from devstack.stack import Stack
from tests.faults.outages import gone, healthy, send_signal
from tests.support.envelope import data
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.polling import eventually


class SlowLogin:
    """A login whose body arrives late: the API has begun to handle it and waits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._body = body

    async def begin(self) -> None:
        head = (
            "POST /auth/login HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self._body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        self._writer.write(head.encode())
        assert b"100 Continue" in await self._reader.readuntil(b"\r\n\r\n")

    async def finish(self) -> bytes:
        self._writer.write(self._body)
        answer = await self._reader.read()
        self._writer.close()
        return answer


@pytest.fixture
async def slow_login(stack: Stack, someone: SignedIn) -> AsyncIterator[SlowLogin]:
    place = urlsplit(stack.url("api"))
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    yield SlowLogin(reader, writer, json.dumps(someone.person.credentials).encode())
    writer.close()


async def test_asked_to_leave_it_finishes_what_it_has_begun_and_takes_no_more(
    stack: Stack, slow_login: SlowLogin
) -> None:
    await slow_login.begin()

    leaving = send_signal(stack, "api", signal.SIGTERM)
    await eventually(lambda: refuses(stack))
    answer = await slow_login.finish()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b'"session_token"' in answer
    await gone(leaving, within=10)


async def test_asked_to_leave_it_has_a_line_for_each_request_in_its_access_log(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    ids = {f"leaving.{secrets.token_hex(8)}" for _ in range(200)}
    await asyncio.gather(*(api.get("/health", headers={"X-Request-ID": each}) for each in ids))

    await gone(send_signal(stack, "api", signal.SIGTERM), within=10)

    text = stack.folder.log("api").read_text(encoding="utf-8")
    logged = [json.loads(line) for line in text.splitlines() if '"leaving.' in line]
    assert sorted(line["request_id"] for line in logged) == sorted(ids)


async def test_killed_in_the_middle_of_a_start_the_repeat_finds_the_flow(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    person = new_person()
    key = {"Idempotency-Key": person.username}
    route = "/auth/register/email-verification"

    sent = asyncio.create_task(api.post(route, json=person.application, headers=key))
    await asyncio.sleep(0)
    send_signal(stack, "api", signal.SIGKILL)
    await asyncio.gather(sent, return_exceptions=True)
    await healthy(stack)

    first, second = [data(await api.post(route, json=person.application, headers=key), 202) for _ in range(2)]
    assert first["flow_id"] == second["flow_id"]
    assert await mailbox.code(person.email, "create-account")
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def refuses(stack: Stack) -> bool:
    """Whether the API takes no new connection."""
    place = urlsplit(stack.url("api"))
    try:
        _, writer = await asyncio.open_connection(place.hostname, place.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False
