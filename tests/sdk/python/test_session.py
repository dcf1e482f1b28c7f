"""The session of a client: refreshed by itself, once, and kept through every failure but its end."""

import asyncio

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from decode_client import DecodeClient, DecodeError
from decode_client.generated.answers import SessionView
from devstack.stack import Stack
from tests.support.lossy_proxy import lossy_proxy
from tests.support.people import SignedIn

REFRESH = "/auth/session/refresh"


async def generation(resources: Resources, someone: SignedIn) -> int:
    """How often the session was refreshed, plus one."""
    session = await resources.clients.database["sessions"].find_one({"_id": ObjectId(someone.session["_id"])})
    assert session
    return int(session["generation"])


async def test_ten_calls_with_a_refused_access_token_refresh_once(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    token = someone.session["session_token"]
    async with DecodeClient(stack.url("api"), session_token=token, access_token="no.longer.good") as decode:
        profiles = await asyncio.gather(*[decode.profiles.get_own() for _ in range(10)])

    assert {profile.username for profile in profiles} == {someone.person.username}
    assert await generation(resources, someone) == 2


async def test_ten_calls_with_a_session_token_alone_refresh_once(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    async with DecodeClient(stack.url("api"), session_token=someone.session["session_token"]) as decode:
        await asyncio.gather(*[decode.profiles.get_own() for _ in range(10)])

    assert await generation(resources, someone) == 2


async def test_lost_answer_to_a_refresh_is_asked_for_again(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    async with (
        lossy_proxy(stack.url("api")) as network,
        DecodeClient(network.url, session_token=someone.session["session_token"]) as decode,
    ):
        network.losing = [REFRESH, REFRESH]
        profile = await decode.profiles.get_own()

    assert profile.username == someone.person.username
    assert network.losing == []
    assert await generation(resources, someone) == 2


async def test_client_stays_signed_in_when_no_refresh_is_answered(stack: Stack, someone: SignedIn) -> None:
    kept: list[SessionView | None] = []
    token = someone.session["session_token"]
    async with (
        lossy_proxy(stack.url("api")) as network,
        DecodeClient(network.url, session_token=token, on_session=kept.append, max_wait=0) as decode,
    ):
        network.losing = [REFRESH]
        with pytest.raises(httpx.TransportError):
            await decode.profiles.get_own()
        assert kept == []

        await decode.profiles.get_own()

    assert [session is None for session in kept] == [False]


async def test_caller_who_gives_up_leaves_the_refresh_to_the_others(stack: Stack, someone: SignedIn) -> None:
    async with DecodeClient(stack.url("api"), session_token=someone.session["session_token"]) as decode:
        first, second = [asyncio.create_task(decode.profiles.get_own()) for _ in range(2)]
        await asyncio.sleep(0)
        first.cancel()

        assert (await second).username == someone.person.username


async def test_session_that_has_ended_signs_out_and_says_why(
    stack: Stack, decode: DecodeClient, someone: SignedIn
) -> None:
    await decode.sessions.logout(session_token=someone.session["session_token"])
    kept: list[SessionView | None] = []
    token = someone.session["session_token"]

    async with DecodeClient(stack.url("api"), session_token=token, on_session=kept.append) as left:
        with pytest.raises(DecodeError) as refused:
            await left.profiles.get_own()

        assert (refused.value.error, refused.value.status) == ("SessionRevoked", 401)
        assert kept == [None]
        assert not left.is_signed_in


async def test_refused_access_token_without_a_session_token_is_an_error(stack: Stack) -> None:
    async with DecodeClient(stack.url("api"), access_token="no.longer.good") as decode:
        with pytest.raises(DecodeError, match="NotAuthenticated"):
            await decode.profiles.get_own()


async def test_each_new_session_can_be_kept_and_taken_up_again(stack: Stack, someone: SignedIn) -> None:
    kept: list[SessionView | None] = []
    async with DecodeClient(stack.url("api"), on_session=kept.append) as decode:
        await decode.auth.login(**someone.person.credentials)
        assert decode.is_signed_in
    assert kept[0]

    async with DecodeClient(stack.url("api"), session_token=kept[0].session_token) as later:
        assert (await later.profiles.get_own()).username == someone.person.username
        await later.sign_out()
        assert not later.is_signed_in
