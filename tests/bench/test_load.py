"""The load of `make bench` in small: what must hold at any speed. The times are printed; only the bench judges them."""

import sys
from collections.abc import Sequence

import pytest

from adapters.resources import Resources
from bench.chat_clients import all_chatting
from bench.figure import Figure
from bench.load import connections, endpoints, message_limit, messages, open_chats, reconnects, streaming, tools
from bench.load.crowd import Ramp
from bench.report import plain_row
from bench.seeded_sessions import seed_sessions
from bench.visitors import Visitor, new_address
from config.settings import Settings
from devstack.stack import Stack
from tests.gateway.process import processes
from tests.gateway.serving import serving
from tests.support.accounts import make_account

RAMP = Ramp(first=2, most=5, seconds=1, pause=0)
LIMITS = {"rate_limits": "on", "limit_chat": Settings.model_fields["limit_chat"].default}


def show(*rows: Figure) -> None:
    """Print the rows, to be seen with `pytest -s` or where a test fails."""
    sys.stdout.writelines(f"{plain_row(row)}\n" for row in rows)


@pytest.fixture(scope="module")
def url(stack: Stack) -> str:
    return stack.url("api")


@pytest.fixture(scope="module")
async def tokens(resources: Resources) -> Sequence[str]:
    """Of five people."""
    return list((await seed_sessions(resources, RAMP.most)).values())


async def test_people_who_connect_again_and_again_are_all_let_in(url: str, tokens: Sequence[str]) -> None:
    visits = await connections.play(url, tokens, RAMP, stay=0.1)

    show(*connections.rows(visits, RAMP))
    assert visits.failed == []


async def test_people_who_talk_are_all_answered(url: str, tokens: Sequence[str]) -> None:
    visits = await messages.play(url, tokens, RAMP)

    show(*messages.rows(visits, RAMP))
    assert visits.failed == []


async def test_people_who_listen_are_all_told_the_whole_text(url: str, tokens: Sequence[str]) -> None:
    visits = await streaming.play(url, tokens, RAMP, text := "count 10")

    show(*streaming.rows(visits, RAMP, text))
    assert visits.failed == []


async def test_people_whose_clients_call_tools_all_have_results(url: str, tokens: Sequence[str]) -> None:
    visits = await tools.play(url, tokens, RAMP)

    show(*tools.rows(visits, RAMP))
    assert visits.failed == []


async def test_of_fifteen_messages_at_once_at_two_processes_just_ten_are_accepted(
    settings: Settings, tokens: Sequence[str]
) -> None:
    people = tokens[:3]
    async with serving(settings, **LIMITS) as first, serving(settings, **LIMITS) as second:
        visits = await message_limit.play([first, second], people)

    show(message_limit.row(visits))
    assert visits.done == [message_limit.EXACT] * len(people)


async def test_every_read_of_a_user_is_answered(url: str, resources: Resources) -> None:
    reads = await endpoints.every_read(resources, Visitor(await make_account(resources), new_address()))

    visits = await endpoints.play(url, reads)

    show(*endpoints.other_rows(visits))
    assert visits.failed == []


async def test_messages_at_a_fixed_rate_are_all_answered_with_the_whole_text(url: str, resources: Resources) -> None:
    tokens = (await seed_sessions(resources, 10)).values()
    async with all_chatting(url, tokens) as clients:
        visits = await open_chats.play(clients, per_second=10, count=len(clients))

    show(*open_chats.rows(visits, "10 messages/s in 10 open chats"))
    assert visits.failed == []


async def test_sockets_of_a_killed_process_are_all_back_and_told_the_rest(
    stack: Stack, url: str, tokens: Sequence[str]
) -> None:
    async with processes(stack, 1) as (api,), all_chatting(api.url, tokens) as clients:
        guests = [reconnects.Guest(*each) for each in zip(tokens, clients, strict=True)]
        visits = await reconnects.play(guests, url, api.kill, 2, "count 60")

    show(*reconnects.rows(visits, 2))
    assert visits.failed == []
