"""Known attacks on session tokens: none opens a session, and none ends one."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

REFRESH = "/auth/session/refresh"
NO_SESSION = (401, "SessionInvalid")
Attack = Callable[[list[str]], str]


def part(number: int, made: Callable[[str], str]) -> Attack:
    """The good token with one part changed: 0 key id, 1 session, 2 generation, 3 MAC."""
    return lambda parts: ".".join([*parts[:number], made(parts[number]), *parts[number + 1 :]])


def whole(made: Callable[[str], str]) -> Attack:
    return lambda parts: made(".".join(parts))


ATTACKS: Mapping[str, Attack] = {
    "key id is unknown": part(0, lambda _: "dev9"),
    "key id is empty": part(0, lambda _: ""),
    "key id climbs": part(0, lambda _: "../../../../dev/null"),
    "key id is a statement": part(0, lambda _: "x' OR '1'='1"),
    "key id in another letter case": part(0, str.swapcase),
    "session is another": part(1, lambda _: "0" * 24),
    "session turned round": part(1, lambda session: session[::-1]),
    "session in capitals": part(1, lambda _: "ABCDEF" * 4),
    "session is a query": part(1, lambda _: '{"$gt":""}'),
    "generation is the next": part(2, lambda generation: str(int(generation) + 1)),
    "generation is zero": part(2, lambda _: "0"),
    "generation is below zero": part(2, lambda _: "-1"),
    "generation with a zero before": part(2, lambda generation: "0" + generation),
    "generation in other digits": part(2, lambda _: "\u0661"),
    "generation is huge": part(2, lambda _: "9" * 400),
    "mac of zeros": part(3, lambda _: "A" * 43),
    "mac short of a symbol": part(3, lambda mac: mac[:-1]),
    "mac with a symbol more": part(3, lambda mac: mac + "A"),
    "mac with padding": part(3, lambda mac: mac + "="),
    "mac is missing": part(3, lambda _: ""),
    "mac with loose bits": part(3, lambda mac: mac[:-1] + chr(ord(mac[-1]) + 1)),
    "a part is missing": lambda parts: ".".join(parts[1:]),
    "a part more": whole(lambda good: good + ".A"),
    "space before it": whole(lambda good: " " + good),
    "space after it": whole(lambda good: good + " "),
    "scheme before it": whole(lambda good: "Bearer " + good),
    "twice": whole(lambda good: good + good),
    "as JSON": whole(lambda good: f'"{good}"'),
    "only dots": whole(lambda _: "..."),
    "a word": whole(lambda _: "garbage"),
    "a JWT without a signature": whole(lambda _: "eyJhbGciOiJub25lIn0.e30."),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
async def test_forged_token_is_no_session_and_ends_none(
    api: httpx.AsyncClient, someone: SignedIn, attack: Attack
) -> None:
    good = someone.session["session_token"]

    response = await api.post(REFRESH, json={"session_token": attack(good.split("."))})

    assert refusal(response) == NO_SESSION
    assert data(await api.post(REFRESH, json={"session_token": good}))["_id"] == someone.session["_id"]


async def test_mac_of_one_session_opens_no_other(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)
    mac = other.session["session_token"].rpartition(".")[2]
    mixed = someone.session["session_token"].rpartition(".")[0] + "." + mac

    assert refusal(await api.post(REFRESH, json={"session_token": mixed})) == NO_SESSION


@pytest.mark.parametrize("ahead", [1, 2, 1000])
async def test_generation_ahead_of_the_store_is_expired_and_ends_nothing(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, ahead: int
) -> None:
    """With a right MAC, as after a backup was restored."""
    token = resources.auth.session_tokens.mint(someone.session["_id"], 1 + ahead)

    assert refusal(await api.post(REFRESH, json={"session_token": token})) == (401, "SessionExpired")
    body = {"session_token": someone.session["session_token"]}
    assert data(await api.post(REFRESH, json=body))["_id"] == someone.session["_id"]


async def test_forged_logout_ends_no_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    """It is answered like any other, so the answer reveals nothing."""
    forged = someone.session["session_token"][:-4] + "AAAA"

    data(await api.post("/auth/session/logout", json={"session_token": forged}))

    body = {"session_token": someone.session["session_token"]}
    assert data(await api.post(REFRESH, json=body))["_id"] == someone.session["_id"]
