"""A client waits for a busy or absent server as it is told, up to a limit, and repeats what can be repeated."""

import time

import httpx
import pytest

from config.rates import Rate
from config.settings import Settings
from decode_client import DecodeClient, DecodeError
from decode_client.generated.answers import Registered
from devstack.stack import Stack
from tests.support.envelope import Json
from tests.support.later_api import later_api
from tests.support.lossy_proxy import lossy_proxy
from tests.support.mailbox import Mailbox
from tests.support.people import new_person
from tests.support.rate_limited_api import LimitedApi, new_address, serving

REGISTER = "/auth/register/email-verification"
LIVE: Json = {"status": "ok", "timestamp": "2026-11-29T00:00:00.000Z", "service": "decode", "version": "9.0.0"}


def at_new_address(limited: LimitedApi, *, max_wait: float) -> DecodeClient:
    transport = httpx.ASGITransport(limited.app, client=(new_address(), 50_000))
    return DecodeClient("http://limits.test", transport=transport, max_wait=max_wait)


async def test_rate_limited_call_is_repeated_when_it_may_be(settings: Settings) -> None:
    async with serving(settings, strict=Rate(1, 1)) as limited, at_new_address(limited, max_wait=30) as decode:
        free = [await decode.users.check_username(username="a_free_name") for _ in range(3)]

    assert [name.available for name in free] == [True, True, True]


async def test_wait_beyond_the_limit_is_an_error_at_once(settings: Settings) -> None:
    began = time.monotonic()
    async with serving(settings, strict=Rate(1, 600)) as limited, at_new_address(limited, max_wait=5) as decode:
        await decode.users.check_username(username="a_free_name")
        began = time.monotonic()
        with pytest.raises(DecodeError) as refused:
            await decode.users.check_username(username="a_free_name")

    assert (refused.value.error, refused.value.status) == ("RateLimited", 429)
    assert refused.value.retry_after
    assert refused.value.retry_after > 5
    assert time.monotonic() - began < 5


async def test_absent_dependency_is_waited_for_as_the_answer_says() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.refuse(503, "DependencyUnavailable", retry_after="1")
        api.succeed(LIVE)
        began = time.monotonic()
        health = await decode.system.get_health()

    assert health.version == "9.0.0"
    assert time.monotonic() - began >= 1


async def test_date_to_wait_for_is_understood() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.refuse(503, "DependencyUnavailable", retry_after="Sun, 06 Nov 1994 08:49:37 GMT")
        api.succeed(LIVE)

        assert (await decode.system.get_health()).status == "ok"


async def test_answer_that_says_no_time_is_not_waited_for() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.refuse(503, "DependencyUnavailable")

        with pytest.raises(DecodeError, match="DependencyUnavailable"):
            await decode.system.get_health()


async def test_call_whose_answer_was_lost_counts_once(stack: Stack, mailbox: Mailbox) -> None:
    person = new_person()
    async with lossy_proxy(stack.url("api")) as network, DecodeClient(network.url) as decode:
        network.losing = [REGISTER]
        flow = await decode.registration.begin(**person.application)
        code = await mailbox.code(person.email, "create-account")
        registered = await decode.registration.verify_email(flow_id=flow.flow_id, code=code)

    assert network.losing == []
    assert isinstance(registered, Registered)
    assert registered.user.username == person.username
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_call_without_a_key_whose_answer_was_lost_is_not_repeated(stack: Stack) -> None:
    async with lossy_proxy(stack.url("api")) as network, DecodeClient(network.url) as decode:
        network.losing = ["/auth/session/logout"]
        with pytest.raises(httpx.TransportError):
            await decode.sessions.logout(session_token="anything")
