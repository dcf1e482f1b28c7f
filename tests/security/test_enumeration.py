"""A response does not reveal whether an account exists: not by status, body, headers or time.

Known and unknown are asked in turn, so that other load of the machine affects both alike. The first quartile and the
median are compared: they are stable on a busy machine, and a missing hash or round trip moves them far.
"""

import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.auth.wallets import LinkOutcome, Wallet
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.envelope import Json
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import new_device

Ask = Callable[[httpx.AsyncClient, SignedIn], Awaitable[httpx.Response]]

PAIRS = 50
WARM_UP = 3
FACTOR = 1.5
"""Bound on the ratio of the quartiles of the two sides. Without its dummy hash, login is off by a factor of five."""
OF_ONE_ANSWER = {"requestId", "timestamp", "flow_id", "expires_at", "resend_available_at"}
"""Fields that differ in any two responses; compared by type and length alone."""
HEADERS_OF_ONE_ANSWER = {"x-request-id", "date"}


@dataclass(frozen=True)
class Question:
    """The same request for an identifier with an account and for one without."""

    known: Ask
    unknown: Ask


async def login_known(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/auth/login", json=new_device(someone.person) | {"password": "not the right one"})


async def login_unknown(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/auth/login", json=new_device(new_person()) | {"password": "not the right one"})


async def login_known_address(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    body = new_device(someone.person) | {"email_or_username": someone.person.email, "password": "not the right one"}
    return await api.post("/auth/login", json=body)


async def login_unknown_address(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    unknown = new_person()
    body = new_device(unknown) | {"email_or_username": unknown.email, "password": "not the right one"}
    return await api.post("/auth/login", json=body)


async def forgot_known(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/auth/password/forgot/initiate", json={"email_or_username": someone.person.username})


async def forgot_unknown(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/auth/password/forgot/initiate", json={"email_or_username": new_person().username})


async def register_known(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    body = new_person().application | {"email": someone.person.email}
    return await api.post("/auth/register/email-verification", json=body)


async def register_unknown(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/auth/register/email-verification", json=new_person().application)


async def wallet_known(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/wallets/auth/challenge", json={"address": wallet_of(someone)})


async def wallet_unknown(api: httpx.AsyncClient, someone: SignedIn) -> httpx.Response:
    return await api.post("/wallets/auth/challenge", json={"address": f"0x{secrets.token_hex(20)}"})


QUESTIONS = {
    "login by name": Question(login_known, login_unknown),
    "login by address": Question(login_known_address, login_unknown_address),
    "forgotten password": Question(forgot_known, forgot_unknown),
    "registration": Question(register_known, register_unknown),
    "wallet": Question(wallet_known, wallet_unknown),
}
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))


def wallet_of(someone: SignedIn) -> str:
    """Return the address of the account's one wallet."""
    return f"0x{someone.user['_id']:0>40}"


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """An account with everything that could be enumerated, a wallet included."""
    someone, now = await make_account(resources), datetime.now(UTC)
    user_id = someone.user["_id"]
    event = SecurityEvent(resources.hashes.new_object_id(), user_id, EventKind.WALLET_LINKED, now)
    wallet = Wallet(resources.hashes.new_object_id(), wallet_of(someone), user_id, chain_id=1, created_at=now)
    assert await resources.auth.wallets.link(wallet, event) is LinkOutcome.LINKED
    return someone


def shape(value: Any) -> Any:
    """Return the body with type and length in place of values that differ each time, such as wallet messages."""
    if not isinstance(value, dict):
        return _form(value) if "\nNonce: " in str(value) else value
    return {name: _form(part) if name in OF_ONE_ANSWER else shape(part) for name, part in value.items()}


def _form(value: object) -> object:
    return (type(value).__name__, len(value)) if isinstance(value, str) else type(value).__name__


def headers(response: httpx.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers.items() if name not in HEADERS_OF_ONE_ANSWER]


async def seconds(ask: Ask, api: httpx.AsyncClient, someone: SignedIn) -> float:
    began = time.perf_counter()
    await ask(api, someone)
    return time.perf_counter() - began


async def in_turn(question: Question, api: httpx.AsyncClient, someone: SignedIn) -> tuple[list[float], list[float]]:
    """Return the seconds of known and unknown requests, sent alternately, each as often first as second."""
    known: list[float] = []
    unknown: list[float] = []
    sides = [(question.known, known), (question.unknown, unknown)]
    for number in range(WARM_UP + PAIRS):
        for ask, times in sides if number % 2 else sides[::-1]:
            times.append(await seconds(ask, api, someone))
    return known[WARM_UP:], unknown[WARM_UP:]


def quartiles(times: Sequence[float]) -> tuple[float, float]:
    first, median, _ = statistics.quantiles(times, n=4)
    return first, median


@pytest.mark.defect(15)
@each_question
async def test_known_and_unknown_get_the_same_answer(
    api: httpx.AsyncClient, someone: SignedIn, question: Question
) -> None:
    known, unknown = await question.known(api, someone), await question.unknown(api, someone)

    assert known.status_code == unknown.status_code
    assert shape(known.json()) == shape(unknown.json())
    assert headers(known) == headers(unknown)


@pytest.mark.defect(15)
@each_question
async def test_known_and_unknown_take_the_same_time(
    api: httpx.AsyncClient, someone: SignedIn, question: Question
) -> None:
    known, unknown = await in_turn(question, api, someone)

    ratios = [one / other for one, other in zip(quartiles(known), quartiles(unknown), strict=True)]

    assert [ratio for ratio in ratios if not 1 / FACTOR < ratio < FACTOR] == [], (quartiles(known), quartiles(unknown))


def test_form_of_an_answer_shows_what_differs() -> None:
    """Without this, the comparison proves nothing."""
    one: Json = {"data": {"flow_id": "p" + "A" * 32, "next": "email_code"}}

    assert shape(one) != shape({"data": {"flow_id": "p" + "A" * 32, "next": None}})
    assert shape(one) != shape({"data": {"flow_id": None, "next": "email_code"}})
    assert shape(one) == shape({"data": {"flow_id": "p" + "B" * 32, "next": "email_code"}})
