"""The chat in a terminal: streams, asks before a change, and stops with Ctrl-C without losing what was said."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.api_keys import make_key
from tests.support.approvals import following, follows

EXAMPLE = "examples/assistant/chat.py"


@pytest.fixture
async def key(api: httpx.AsyncClient, resources: Resources) -> str:
    """An API key that may talk."""
    _, secret = await make_key(api, await make_account(resources), ["assistant:read", "assistant:write"])
    return secret


async def begin(url: str, token: str, *arguments: str) -> Process:
    environment = {**os.environ, "DECODE_TOKEN": token}
    return await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, url, *arguments, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def test_line_is_answered_and_the_chat_goes_on_by_its_id(stack: Stack, key: str) -> None:
    first = await begin(stack.url("api"), key)
    said, chat_id = await asyncio.wait_for(first.communicate(b"say hello there\n"), 30)
    second = await begin(stack.url("api"), key, chat_id.decode().strip())
    again, same_id = await asyncio.wait_for(second.communicate(b"fail\n"), 30)

    assert (first.returncode, said) == (0, b"> hello there\n> ")
    assert (second.returncode, again) == (0, b"> > ")
    assert b"ModelUnavailable" in same_id
    assert same_id.endswith(chat_id)


async def test_bytes_that_are_no_text_are_replaced(stack: Stack, key: str) -> None:
    chat = await begin(stack.url("api"), key)
    said, _ = await asyncio.wait_for(chat.communicate(b"say caf\xe9\n"), 30)

    assert said.decode() == "> caf\ufffd\n> "


async def test_interrupt_stops_the_answer_then_the_chat(stack: Stack, key: str) -> None:
    chat = await begin(stack.url("api"), key)
    assert chat.stdin is not None
    assert chat.stdout is not None
    chat.stdin.write(b"count 2000\n")
    begun = await asyncio.wait_for(chat.stdout.readuntil(b"1 2 3"), 30)
    chat.send_signal(signal.SIGINT)
    rest = await asyncio.wait_for(chat.stdout.readuntil(b"[stopped]\n> "), 30)
    chat.send_signal(signal.SIGINT)

    assert await asyncio.wait_for(chat.wait(), 30) == 0
    words = (begun + rest).removeprefix(b"> ").removesuffix(b"\n[stopped]\n> ").decode()
    assert words == " ".join(map(str, range(1, len(words.split()) + 1)))


async def test_change_is_asked_for_and_made_after_a_yes(stack: Stack, resources: Resources) -> None:
    someone, other = await make_account(resources), await make_account(resources)
    lines = f"{following(other)}\nn\n{following(other)}\ny\n"
    chat = await begin(stack.url("api"), someone.session["access_token"])
    said, _ = await asyncio.wait_for(chat.communicate(lines.encode()), 30)

    name = other.person.username
    asked = f"Follow @{name}. {{'username': '{name}'}} [y/c/n] [follow_user: "
    declined, done = (line.removeprefix("> ") for line in said.decode().splitlines() if asked in line)
    assert declined == f"{asked}The user did not agree to the call.]"
    assert done == f"{asked}done]"
    assert await follows(resources, someone, other)


async def test_key_that_may_not_talk_is_refused_by_name(
    api: httpx.AsyncClient, stack: Stack, resources: Resources
) -> None:
    _, secret = await make_key(api, await make_account(resources), ["profile:read"])

    refused = await begin(stack.url("api"), secret)
    _, said = await asyncio.wait_for(refused.communicate(b""), 30)

    assert (refused.returncode, said.split(b":")[0]) == (1, b"Forbidden")
