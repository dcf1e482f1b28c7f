"""Password reset, and that its answers reveal nothing about an account."""

import asyncio
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import Authenticator, on_device, with_second_factor

INITIATE = "/auth/password/forgot/initiate"
VERIFY = "/auth/password/forgot/verify-email"
CHANGE = "/auth/password/forgot/change"
NEW = "another long enough phrase"
WRONG = "WRQNG2"


@pytest.fixture
async def careful(api: httpx.AsyncClient, resources: Resources) -> tuple[SignedIn, Authenticator]:
    """A user with a second factor."""
    return await with_second_factor(api, resources)


async def begin(api: httpx.AsyncClient, name: str) -> str:
    flow = data(await api.post(INITIATE, json={"email_or_username": name}), 202)
    assert (flow["kind"], flow["state"], flow["next"]) == ("password_reset", "waiting", "email_code")
    return str(flow["flow_id"])


async def proved(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> dict[str, str]:
    """Start a reset and verify its code. Returns flow id and code."""
    flow_id = await begin(api, someone.person.email)
    code = await mailbox.code(someone.person.email, "forgot-password-verify")
    proof = {"flow_id": flow_id, "code": code}
    assert data(await api.post(VERIFY, json=proof))["next"] == "new_password"
    return proof


async def login(api: httpx.AsyncClient, someone: SignedIn, password: str) -> httpx.Response:
    return await api.post("/auth/login", json={**someone.person.credentials, "password": password})


@pytest.mark.defect(26)
async def test_new_password_signs_in_and_all_sessions_end(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    proof = await proved(api, mailbox, someone)

    data(await api.post(CHANGE, json={**proof, "new_password": NEW}))

    assert refusal(await api.get("/auth/user/current", headers=on_device(someone))) == (401, "SessionRevoked")
    assert refusal(await login(api, someone, someone.person.password)) == (401, "InvalidCredentials")
    assert data(await login(api, someone, NEW))["access_token"]
    await mailbox.letter(someone.person.email, "password-changed")


@pytest.mark.defect(59)
async def test_weak_password_does_not_use_up_the_code(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    proof = await proved(api, mailbox, someone)

    weak = [await api.post(CHANGE, json={**proof, "new_password": each}) for each in ("short", someone.person.username)]

    assert [refusal(each) for each in weak] == [(422, "WeakPassword")] * 2
    data(await api.post(CHANGE, json={**proof, "new_password": NEW}))


async def test_change_before_the_code_is_verified_is_refused(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin(api, someone.person.username)
    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "forgot-password-verify")}

    response = await api.post(CHANGE, json={**proof, "new_password": NEW})

    assert refusal(response) == (409, "WrongStep")
    data(await api.post(VERIFY, json=proof))


async def test_wrong_code_is_counted_in_the_change_step(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    proof = await proved(api, mailbox, someone)
    wrong = {"flow_id": proof["flow_id"], "code": WRONG}

    answers = [await api.post(CHANGE, json={**wrong, "new_password": NEW}) for _ in range(5)]

    assert [each.json()["details"]["attempts_left"] for each in answers] == [4, 3, 2, 1, 0]
    locked = await api.post(CHANGE, json={**proof, "new_password": NEW})
    assert refusal(locked) == (429, "AttemptsExhausted")


@pytest.mark.defect(10)
async def test_two_hundred_concurrent_guesses_count_five(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin(api, someone.person.email)
    guess = {"flow_id": flow_id, "code": WRONG}

    answers = await asyncio.gather(*(api.post(VERIFY, json=guess) for _ in range(200)))

    assert [answer.json()["error"] for answer in answers].count("WrongCode") == 5
    right = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "forgot-password-verify")}
    assert refusal(await api.post(VERIFY, json=right)) == (429, "AttemptsExhausted")


async def test_unknown_name_gets_the_same_answers_and_no_mail(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    unknown = new_person()

    seen = [await _story(api, name) for name in (someone.person.email, unknown.email)]

    assert seen[0] == seen[1]
    assert await mailbox.letters(unknown.email, "forgot-password-verify") == []


async def _story(api: httpx.AsyncClient, name: str) -> list[Any]:
    """Return status, error and details of every answer to a client that has no code."""
    flow_id = await begin(api, name)
    guess = {"flow_id": flow_id, "code": WRONG}
    answers = [
        await api.post("/auth/password/forgot/change", json={**guess, "new_password": NEW}),
        *[await api.post(VERIFY, json=guess) for _ in range(6)],
        await api.post("/auth/password/forgot/change", json={**guess, "new_password": "short"}),
    ]
    return [(*refusal(answer), answer.json().get("details")) for answer in answers]


async def test_second_factor_is_required_and_not_used_up_by_a_weak_password(
    api: httpx.AsyncClient, mailbox: Mailbox, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    proof = await proved(api, mailbox, someone)
    otp = await authenticator.next_otp()

    without = await api.post(CHANGE, json={**proof, "new_password": "short"})
    weak = await api.post(CHANGE, json={**proof, "new_password": "short", "otp": otp})
    strong = await api.post(CHANGE, json={**proof, "new_password": NEW, "otp": otp})

    assert refusal(without) == (403, "SecondFactorRequired")
    assert refusal(weak) == (422, "WeakPassword")
    data(strong)


async def test_recovery_code_is_a_second_factor_and_a_wrong_one_is_counted(
    api: httpx.AsyncClient, mailbox: Mailbox, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    proof = await proved(api, mailbox, someone)

    wrong = await api.post(CHANGE, json={**proof, "new_password": NEW, "recovery_code": "AAAA-AAAA-AAAA-AAAA"})
    right = await api.post(
        CHANGE, json={**proof, "new_password": NEW, "recovery_code": authenticator.recovery_codes[3]}
    )

    assert (refusal(wrong), wrong.json()["details"]) == ((400, "WrongCode"), {"attempts_left": 4})
    data(right)


async def test_two_hundred_concurrent_second_factors_count_five(
    api: httpx.AsyncClient, mailbox: Mailbox, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, _ = careful
    proof = await proved(api, mailbox, someone)
    guess = {**proof, "new_password": NEW, "recovery_code": "AAAA-AAAA-AAAA-AAAA"}

    answers = await asyncio.gather(*(api.post(CHANGE, json=guess) for _ in range(200)))

    names = [refusal(answer)[1] for answer in answers]
    assert names.count("WrongCode") <= 5
    assert set(names) <= {"WrongCode", "AttemptsExhausted", "Overloaded", "DependencyUnavailable"}


async def test_repeated_change_gets_the_same_answer(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    proof, key = await proved(api, mailbox, someone), {"Idempotency-Key": "reset-once-only"}
    body = {**proof, "new_password": NEW}

    answers = [await api.post(CHANGE, json=body, headers=key) for _ in range(2)]
    other = await api.post(CHANGE, json=body)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert refusal(other) == (409, "FlowClosed")


@pytest.mark.defect(22)
async def test_concurrent_changes_succeed_once(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    proof = await proved(api, mailbox, someone)

    answers = await asyncio.gather(
        *(api.post(CHANGE, json={**proof, "new_password": f"{NEW} {number}"}) for number in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_repeated_start_is_one_flow(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body, key = {"email_or_username": someone.person.email}, {"Idempotency-Key": f"forgot-{someone.user['_id']}"}

    first, again = [data(await api.post(INITIATE, json=body, headers=key), 202) for _ in range(2)]
    other = await api.post(INITIATE, json={"email_or_username": someone.person.username}, headers=key)

    assert first["flow_id"] == again["flow_id"]
    assert refusal(other) == (409, "IdempotencyKeyReused")


async def test_cancelled_reset_accepts_no_code(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    proof = await proved(api, mailbox, someone)

    data(await api.post(f"/flows/{proof['flow_id']}/cancel"))

    response = await api.post(CHANGE, json={**proof, "new_password": NEW})
    assert refusal(response) == (409, "FlowClosed")
