"""Throttling of failed passwords: which logins it refuses, which it does not, and what the answers reveal."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.crypto.password_hashing import PasswordHashing
from config.rates import Rate
from config.settings import Settings
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn, new_person
from tests.support.rate_limited_api import LimitedApi, serving
from tests.support.signed_in import new_device, on_device

LOGIN = "/auth/login"
STEP_UP = "/auth/step-up"
WRONG = {"password": "not the right one"}
WRONG_PASSWORD = (401, "InvalidCredentials")
THROTTLED = (429, "AccountThrottled")
TWO = Rate(2, 600)


@pytest.fixture
async def limited(settings: Settings) -> AsyncIterator[LimitedApi]:
    """Per 600 s: two failures per target, trusted device or step-up; six per network; four per account, not shown."""
    numbers = {"login_target": TWO, "login_device": TWO, "step_up": TWO}
    async with serving(settings, **numbers, login_address=Rate(6, 600), login_account=Rate(4, 600)) as api:
        yield api


async def fail(client: httpx.AsyncClient, credentials: dict[str, str], times: int = 1) -> list[tuple[int, str]]:
    return [refusal(await client.post(LOGIN, json=credentials | WRONG)) for _ in range(times)]


async def test_known_and_unknown_names_are_throttled_alike(limited: LimitedApi, someone: SignedIn) -> None:
    known, unknown = new_device(someone.person), new_device(new_person())

    answers = [await fail(limited.client_anywhere(), credentials, 4) for credentials in (known, unknown)]

    assert answers == [[WRONG_PASSWORD, WRONG_PASSWORD, THROTTLED, THROTTLED]] * 2


async def test_known_and_unknown_names_get_the_same_rate_limit_headers(limited: LimitedApi, someone: SignedIn) -> None:
    known, unknown = new_device(someone.person) | WRONG, new_device(new_person()) | WRONG

    answers = [await limited.client_anywhere().post(LOGIN, json=credentials) for credentials in (known, unknown)]

    limits = [{name: text for name, text in answer.headers.items() if "ratelimit" in name} for answer in answers]
    assert limits[0] == limits[1]
    assert limits[0]["ratelimit-remaining"] == "1"


@pytest.mark.defect(14)
async def test_right_password_is_throttled_by_a_full_bucket(limited: LimitedApi, someone: SignedIn) -> None:
    client, credentials = limited.client_anywhere(), new_device(someone.person)
    await fail(client, credentials, 2)

    answer = await client.post(LOGIN, json=credentials)

    assert refusal(answer) == THROTTLED
    assert 590 <= int(answer.headers["Retry-After"]) <= 600


async def test_successful_logins_are_not_counted(limited: LimitedApi, someone: SignedIn) -> None:
    client = limited.client_anywhere()

    answers = [(await client.post(LOGIN, json=someone.person.credentials)).status_code for _ in range(4)]

    assert answers == [200] * 4


async def test_name_and_address_of_one_account_are_two_targets(limited: LimitedApi, someone: SignedIn) -> None:
    client, credentials = limited.client_anywhere(), new_device(someone.person)
    await fail(client, credentials, 2)

    answers = await fail(client, credentials | {"email_or_username": someone.person.email}, 3)

    assert answers == [WRONG_PASSWORD, WRONG_PASSWORD, THROTTLED]


async def test_failures_elsewhere_do_not_lock_out_the_trusted_device(limited: LimitedApi, someone: SignedIn) -> None:
    """Not even failures from the same network, over every limit."""
    client = limited.client_anywhere()
    await fail(client, new_device(someone.person), 4)
    await fail(limited.client_anywhere(), new_device(someone.person), 4)

    assert data(await client.post(LOGIN, json=someone.person.credentials))["user_id"] == someone.user["_id"]


async def test_trusted_device_has_a_separate_limit(limited: LimitedApi, someone: SignedIn) -> None:
    credentials = someone.person.credentials

    answers = [(await fail(limited.client_anywhere(), credentials))[0] for _ in range(3)]

    assert answers == [WRONG_PASSWORD, WRONG_PASSWORD, THROTTLED]
    assert (await limited.client_anywhere().post(LOGIN, json=new_device(someone.person))).status_code == 202


@pytest.mark.defect(13)
async def test_network_is_throttled_after_many_names(limited: LimitedApi) -> None:
    client = limited.client_anywhere()

    answers = [(await fail(client, new_device(new_person())))[0] for _ in range(7)]

    assert answers == [WRONG_PASSWORD] * 6 + [THROTTLED]


@pytest.mark.defect(14)
async def test_account_over_its_daily_limit_refuses_every_password(limited: LimitedApi, someone: SignedIn) -> None:
    """Each failure comes from another network; the answers do not show the limit, and the trusted device signs in."""
    for _ in range(4):
        await fail(limited.client_anywhere(), new_device(someone.person))

    right = await limited.client_anywhere().post(LOGIN, json=new_device(someone.person))

    assert refusal(right) == WRONG_PASSWORD
    assert right.headers["RateLimit-Remaining"] == "1"
    assert (await limited.client_anywhere().post(LOGIN, json=someone.person.credentials)).status_code == 200


async def test_concurrent_guesses_do_not_exceed_the_limit(limited: LimitedApi, someone: SignedIn) -> None:
    client, credentials = limited.client_anywhere(), new_device(someone.person)

    guesses = [credentials | {"password": f"{number} is not the right one"} for number in range(8)]
    answers = await asyncio.gather(*(client.post(LOGIN, json=guess) for guess in guesses))

    assert sorted(refusal(answer) for answer in answers) == [WRONG_PASSWORD] * 2 + [THROTTLED] * 6


async def test_right_password_is_throttled_if_the_bucket_filled_meanwhile(
    limited: LimitedApi, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request arrives first, and its hash is checked last."""
    client, credentials = limited.client_anywhere(), new_device(someone.person)
    has_entered, is_full, is_correct = asyncio.Event(), asyncio.Event(), PasswordHashing.is_correct

    async def check_the_right_one_last(hashing: PasswordHashing, password: str, encoded: str | None) -> bool:
        if password == someone.person.password:
            has_entered.set()
            await is_full.wait()
        return await is_correct(hashing, password, encoded)

    monkeypatch.setattr(PasswordHashing, "is_correct", check_the_right_one_last)
    right = asyncio.create_task(client.post(LOGIN, json=credentials))
    await has_entered.wait()
    await fail(client, credentials, 2)
    is_full.set()

    assert refusal(await right) == THROTTLED


async def test_failure_repeated_with_its_key_counts_once(limited: LimitedApi) -> None:
    client, credentials, key = (
        limited.client_anywhere(),
        new_device(new_person()) | WRONG,
        {"Idempotency-Key": "x" * 16},
    )

    answers = [refusal(await client.post(LOGIN, json=credentials, headers=key)) for _ in range(4)]

    assert answers == [WRONG_PASSWORD] * 4
    assert await fail(client, credentials, 2) == [WRONG_PASSWORD, THROTTLED]


async def test_wrong_step_up_proofs_are_throttled(limited: LimitedApi, someone: SignedIn) -> None:
    client, headers = limited.client_anywhere(), on_device(someone)
    wrong, right = {"current_password": "not the right one"}, {"current_password": someone.person.password}

    answers = [refusal(await client.post(STEP_UP, json=wrong, headers=headers)) for _ in range(3)]

    assert answers == [WRONG_PASSWORD, WRONG_PASSWORD, THROTTLED]
    assert refusal(await client.post(STEP_UP, json=right, headers=headers)) == THROTTLED


async def test_failed_logins_do_not_throttle_a_step_up(limited: LimitedApi, someone: SignedIn) -> None:
    await fail(limited.client_anywhere(), new_device(someone.person), 3)
    right = {"current_password": someone.person.password}

    assert (await limited.client_anywhere().post(STEP_UP, json=right, headers=on_device(someone))).status_code == 200


async def test_proof_that_was_not_looked_at_is_not_counted(limited: LimitedApi, someone: SignedIn) -> None:
    client, headers = limited.client_anywhere(), on_device(someone)
    wrong, right = {"current_password": "not the right one"}, {"current_password": someone.person.password}

    answers = [refusal(await client.post("/auth/2fa/disable", json=wrong, headers=headers)) for _ in range(3)]

    assert answers == [(409, "TwoFactorNotSetUp")] * 3
    assert (await client.post(STEP_UP, json=right, headers=headers)).status_code == 200
