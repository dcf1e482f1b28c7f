"""Sign-in on a new device, with a second factor, with both; and the limits on guesses."""

import asyncio

import httpx
import pytest

from adapters.resources import Resources
from tests.support.envelope import data, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import Authenticator, new_device, on_device, with_second_factor

LOGIN = "/auth/login"
DEVICE = "/auth/login/fingerprint/email-verification"
RESEND = "/auth/login/fingerprint/resend-email-verification"
SECOND = "/auth/2fa/login"
WRONG = "WRQNG2"


@pytest.fixture
async def careful(api: httpx.AsyncClient, resources: Resources) -> tuple[SignedIn, Authenticator]:
    """A user with a second factor."""
    return await with_second_factor(api, resources)


async def begin_on_new_device(api: httpx.AsyncClient, someone: SignedIn) -> str:
    flow = data(await api.post(LOGIN, json=new_device(someone.person)), 202)
    assert flow["next"] == "device_code"
    return str(flow["flow_id"])


async def begin_with_second_factor(api: httpx.AsyncClient, someone: SignedIn) -> str:
    flow = data(await api.post(LOGIN, json=someone.person.credentials), 202)
    assert flow["next"] == "otp"
    return str(flow["flow_id"])


async def code_of(mailbox: Mailbox, someone: SignedIn, number: int = 1) -> str:
    return await mailbox.code(someone.person.email, "fingerprint-verify", number=number)


async def test_mailed_code_opens_a_session_and_makes_the_device_trusted(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    login = new_device(someone.person)
    flow_id = data(await api.post(LOGIN, json=login), 202)["flow_id"]
    code = await code_of(mailbox, someone)

    session = data(await api.post(DEVICE, json={"flow_id": flow_id, "code": code}))

    assert session["session_token"]
    assert data(await api.get("/flows/" + flow_id))["state"] == "completed"
    assert data(await api.post(LOGIN, json=login))["user_id"] == someone.user["_id"]


async def test_mail_names_device_and_network_of_the_sign_in(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    await begin_on_new_device(api, someone)

    letter = await mailbox.letter(someone.person.email, "fingerprint-verify")

    assert "Firefox 145, Phone" in letter["text"]
    assert "127.0.0.0/24" in letter["text"]


async def test_fifth_wrong_code_locks_the_flow(api: httpx.AsyncClient, someone: SignedIn) -> None:
    flow_id = await begin_on_new_device(api, someone)

    answers = [refusal(await api.post(DEVICE, json={"flow_id": flow_id, "code": WRONG})) for _ in range(6)]

    assert answers == [(400, "WrongCode")] * 5 + [(429, "AttemptsExhausted")]


@pytest.mark.defect(9)
async def test_two_hundred_concurrent_guesses_count_five(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin_on_new_device(api, someone)
    guess = {"flow_id": flow_id, "code": WRONG}

    answers = await asyncio.gather(*(api.post(DEVICE, json=guess) for _ in range(200)))

    judged = [answer for answer in answers if answer.json()["error"] == "WrongCode"]
    assert len(judged) == 5
    right = {"flow_id": flow_id, "code": await code_of(mailbox, someone)}
    assert refusal(await api.post(DEVICE, json=right)) == (429, "AttemptsExhausted")


@pytest.mark.defect(58)
async def test_used_code_is_refused_but_the_same_request_gets_the_same_session(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin_on_new_device(api, someone)
    proof, key = {"flow_id": flow_id, "code": await code_of(mailbox, someone)}, {"Idempotency-Key": "once-and-again"}

    first = data(await api.post(DEVICE, json=proof, headers=key))
    again = data(await api.post(DEVICE, json=proof, headers=key))
    other = await api.post(DEVICE, json=proof)

    assert (first["_id"], first["session_token"]) == (again["_id"], again["session_token"])
    assert refusal(other) == (409, "FlowClosed")


async def test_resend_too_soon_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    flow_id = await begin_on_new_device(api, someone)

    response = await api.post(RESEND, json={"flow_id": flow_id})

    assert refusal(response) == (429, "ResendTooSoon")
    assert int(response.headers["retry-after"]) <= 60


async def test_cancelled_flow_accepts_no_code(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    flow_id = await begin_on_new_device(api, someone)
    code = await code_of(mailbox, someone)

    cancelled = data(await api.post(f"/flows/{flow_id}/cancel"))

    assert cancelled["state"] == "cancelled"
    assert refusal(await api.post(DEVICE, json={"flow_id": flow_id, "code": code})) == (409, "FlowClosed")


async def test_trusted_device_needs_only_the_second_factor(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    flow_id = await begin_with_second_factor(api, someone)

    response = await api.post(SECOND, json={"flow_id": flow_id, "otp": await authenticator.next_otp()})

    assert data(response)["user_id"] == someone.user["_id"]


async def test_new_device_needs_code_and_second_factor_in_order(
    api: httpx.AsyncClient, mailbox: Mailbox, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    flow_id = await begin_on_new_device(api, someone)
    second = {"flow_id": flow_id, "otp": await authenticator.next_otp()}

    early = await api.post(SECOND, json=second)
    proved = await api.post(DEVICE, json={"flow_id": flow_id, "code": await code_of(mailbox, someone)})
    signed_in = await api.post(SECOND, json=second)

    assert refusal(early) == (409, "WrongStep")
    assert data(proved, 202)["next"] == "otp"
    assert data(signed_in)["session_token"]


@pytest.mark.defect(19)
@pytest.mark.parametrize("kind", ["otp", "recovery_code"])
async def test_concurrent_uses_of_one_second_factor_open_one_session(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator], kind: str
) -> None:
    someone, authenticator = careful
    flow_ids = [await begin_with_second_factor(api, someone) for _ in range(2)]
    proof = {kind: await authenticator.next_otp() if kind == "otp" else authenticator.recovery_codes[0]}

    answers = await asyncio.gather(*(api.post(SECOND, json={"flow_id": flow_id, **proof}) for flow_id in flow_ids))

    assert sorted(answer.status_code for answer in answers) == [200, 400]


async def test_recovery_code_signs_in_once(api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]) -> None:
    someone, authenticator = careful
    code = authenticator.recovery_codes[0]

    first, second = [
        await api.post(SECOND, json={"flow_id": await begin_with_second_factor(api, someone), "recovery_code": code})
        for _ in range(2)
    ]

    assert data(first)["session_token"]
    assert refusal(second) == (400, "WrongCode")


@pytest.mark.defect(19)
async def test_fifth_wrong_second_factor_locks_the_flow(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, _ = careful
    flow_id = await begin_with_second_factor(api, someone)
    wrong = {"flow_id": flow_id, "recovery_code": "AAAA-AAAA-AAAA-AAAA"}

    answers = [await api.post(SECOND, json=wrong) for _ in range(6)]

    assert [each.json().get("details") for each in answers[:5]] == [{"attempts_left": left} for left in (4, 3, 2, 1, 0)]
    assert refusal(answers[5]) == (429, "AttemptsExhausted")


async def test_request_without_otp_or_recovery_code_is_not_counted(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    flow_id = await begin_with_second_factor(api, someone)

    answers = [await api.post(SECOND, json={"flow_id": flow_id}) for _ in range(5)]

    assert [fields(each) for each in answers] == [{"body"}] * 5
    right = {"flow_id": flow_id, "otp": await authenticator.next_otp()}
    assert data(await api.post(SECOND, json=right))["session_token"]


async def test_flow_of_another_kind_is_not_found(api: httpx.AsyncClient, registered: SignedIn) -> None:
    response = await api.post(DEVICE, json={"flow_id": registered.flow_id, "code": WRONG})

    assert refusal(response) == (404, "FlowNotFound")


async def test_password_changed_meanwhile_ends_the_flow(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = await begin_on_new_device(api, someone)
    code = await code_of(mailbox, someone)
    change = {"old_password": someone.person.password, "new_password": "another long enough phrase"}
    data(await api.post("/auth/password/change", json=change, headers=on_device(someone)))

    response = await api.post(DEVICE, json={"flow_id": flow_id, "code": code})

    assert refusal(response) == (409, "FlowClosed")


async def test_third_abandoned_sign_in_of_a_day_warns_once(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    for _ in range(4):
        flow_id = await begin_on_new_device(api, someone)
        for _ in range(5):
            await api.post(DEVICE, json={"flow_id": flow_id, "code": WRONG})

    await mailbox.letter(someone.person.email, "sign-in-warning")
    events = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"]

    assert [event["kind"] for event in events].count("sign_in_abandoned") == 4
    assert len(await mailbox.letters(someone.person.email, "sign-in-warning")) == 1


async def test_repeated_login_is_one_flow_and_another_body_is_refused(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    login, key = new_device(someone.person), {"Idempotency-Key": f"login-{someone.user['_id']}"}

    first, again = [data(await api.post(LOGIN, json=login, headers=key), 202) for _ in range(2)]
    other = await api.post(LOGIN, json=new_device(someone.person), headers=key)

    assert first["flow_id"] == again["flow_id"]
    assert refusal(other) == (409, "IdempotencyKeyReused")


async def test_repeated_login_on_a_trusted_device_is_one_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key = {"Idempotency-Key": f"login-{someone.user['_id']}"}

    first, again = [data(await api.post(LOGIN, json=someone.person.credentials, headers=key)) for _ in range(2)]

    assert (first["_id"], first["session_token"]) == (again["_id"], again["session_token"])
