"""The command line: a program that has an API key and nothing else."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process

import httpx

from adapters.resources import Resources
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.api_keys import make_key
from tests.support.envelope import data

EXAMPLE = "examples/command_line.py"


async def begin(url: str, key: str, *arguments: str) -> Process:
    environment = {**os.environ, "DECODE_API_KEY": key}
    return await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, url, *arguments, env=environment, stdout=PIPE, stderr=PIPE
    )


async def run(url: str, key: str, *arguments: str) -> tuple[int | None, str]:
    """Return the exit code and what was said, errors included."""
    said = await (process := await begin(url, key, *arguments)).communicate()
    return process.returncode, "".join(part.decode() for part in said)


async def test_commands_do_what_the_key_may(api: httpx.AsyncClient, stack: Stack, resources: Resources) -> None:
    owner, other = await make_account(resources), await make_account(resources)
    key, secret = await make_key(api, owner, ["relationships:write", "notifications:read", "audit:self"])
    url = stack.url("api")

    code, shown = await run(url, secret, "whoami")
    followed = await run(url, secret, "follow", other.user["_id"])
    listening = await begin(url, secret, "notifications")
    assert listening.stdout is not None
    heard = await asyncio.wait_for(listening.stdout.readline(), 15)
    listening.terminate()
    await listening.wait()
    _, told = await run(url, secret, "audit")

    assert (code, shown.splitlines()) == (
        0,
        [
            f"{key['prefix']} acts for {owner.person.username} until {key['expires_at'][:10]}",
            "audit:self",
            "notifications:read",
            "relationships:write",
        ],
    )
    assert followed == (0, f"follows {other.user['_id']}\n")
    assert b"API key created" in heard
    assert [line.split()[3] for line in told.splitlines()] == ["follow.created", "api_key.created", "user.created"]
    followings = data(await api.get("/relationship/follow/followings/me", headers=owner.bearer))
    assert [each["username"] for each in followings["users"]] == [other.person.username]


async def test_refusal_is_said_by_name(api: httpx.AsyncClient, stack: Stack, resources: Resources) -> None:
    owner = await make_account(resources)
    _, secret = await make_key(api, owner, ["profile:read"])

    code, said = await run(stack.url("api"), secret, "follow", owner.user["_id"])

    assert code == 1
    assert "ScopeMissing" in said


async def test_key_is_needed(stack: Stack) -> None:
    assert await run(stack.url("api"), "", "whoami") == (2, "DECODE_API_KEY has no API key.\n")
