"""A client follows notifications: resumed after a lost connection, over when the session is."""

import httpx
import pytest

from adapters.resources import Resources
from config.settings import Settings
from decode_client import DecodeClient, DecodeError
from devstack.stack import Stack
from tests.gateway.serving import free_port, served
from tests.support.api_keys import make_key
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn


async def test_broken_socket_resumes_without_gap_or_repeat(
    settings: Settings, resources: Resources, someone: SignedIn
) -> None:
    async with (
        served(settings, port=free_port()) as api,
        DecodeClient(api.url, access_token=someone.session["access_token"]) as decode,
    ):
        received = decode.notifications.follow()
        last = await store_and_push(resources, someone.user["_id"], 2)
        before = [(await anext(received)).seq for _ in range(last)]

        api.cut_off()
        last = await store_and_push(resources, someone.user["_id"], 3)

        assert before + [(await anext(received)).seq for _ in range(3)] == [*range(1, last + 1)]


async def test_what_was_seen_is_not_told_again(stack: Stack, resources: Resources, signed_in: DecodeClient) -> None:
    user_id = (await signed_in.auth.get_current_user()).user_id
    last = await store_and_push(resources, user_id, 3)

    assert (await anext(signed_in.notifications.follow(after=last - 1))).seq == last


async def test_refused_access_token_is_exchanged_before_the_socket_opens(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])
    token = someone.session["session_token"]

    async with DecodeClient(stack.url("api"), session_token=token, access_token="no.longer.good") as decode:
        assert (await anext(decode.notifications.follow())).seq == 1


async def test_refused_access_token_that_cannot_be_exchanged_is_an_error(stack: Stack) -> None:
    async with DecodeClient(stack.url("api"), access_token="no.longer.good") as decode:
        with pytest.raises(DecodeError, match="NotAuthenticated") as refused:
            await anext(decode.notifications.follow())

    assert refused.value.status == 4401


async def test_end_of_the_session_ends_the_notifications(resources: Resources, signed_in: DecodeClient) -> None:
    user_id = (await signed_in.auth.get_current_user()).user_id
    await store_and_push(resources, user_id)
    received = signed_in.notifications.follow()
    await anext(received)

    await signed_in.sign_out()

    with pytest.raises(DecodeError, match="SessionEnded"):
        await anext(received)


async def test_api_key_follows_without_a_session(
    api: httpx.AsyncClient, stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    _, secret = await make_key(api, someone)
    last = await store_and_push(resources, someone.user["_id"])

    async with DecodeClient(stack.url("api"), api_key=secret) as decode:
        assert (await decode.api_keys.read_self()).username == someone.person.username
        assert (await anext(decode.notifications.follow(after=last - 1))).seq == last
