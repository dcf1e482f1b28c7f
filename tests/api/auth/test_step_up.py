"""Step-up: which proofs open a sensitive route, and which do not."""

import httpx
import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import Authenticator, forget_step_up, on_device, with_second_factor

STEP_UP = "/auth/step-up"
SENSITIVE = "/auth/2fa/setup"


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A user whose last proof is long ago."""
    someone = await make_account(resources)
    await forget_step_up(resources, someone.session["_id"])
    return someone


@pytest.fixture
async def careful(api: httpx.AsyncClient, resources: Resources) -> tuple[SignedIn, Authenticator]:
    """A user with a second factor, whose last proof is long ago."""
    someone, authenticator = await with_second_factor(api, resources)
    await forget_step_up(resources, someone.session["_id"])
    return someone, authenticator


async def test_registration_counts_as_step_up(api: httpx.AsyncClient, registered: SignedIn) -> None:
    assert data(await api.post(SENSITIVE, headers=on_device(registered)))["otp_secret"]


@pytest.mark.defect(8)
async def test_request_without_a_proof_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await api.post(SENSITIVE, headers=on_device(someone))) == (403, "StepUpRequired")
    assert refusal(await api.post(STEP_UP, json={}, headers=on_device(someone))) == (403, "StepUpRequired")


async def test_password_in_the_body_steps_up_for_later_requests(api: httpx.AsyncClient, someone: SignedIn) -> None:
    proof = {"current_password": someone.person.password}

    assert data(await api.post(SENSITIVE, json=proof, headers=on_device(someone)))["otp_secret"]
    assert data(await api.post(SENSITIVE, headers=on_device(someone)))["otp_secret"]


async def test_step_up_route_opens_sensitive_routes(api: httpx.AsyncClient, someone: SignedIn) -> None:
    proof = {"current_password": someone.person.password}

    until = data(await api.post(STEP_UP, json=proof, headers=on_device(someone)))

    assert until.keys() == {"stepped_up_until"}
    assert data(await api.post(SENSITIVE, headers=on_device(someone)))["otp_secret"]


async def test_wrong_password_is_refused_even_after_a_right_one(api: httpx.AsyncClient, someone: SignedIn) -> None:
    right, wrong = {"current_password": someone.person.password}, {"current_password": "not the pass phrase"}
    data(await api.post(STEP_UP, json=right, headers=on_device(someone)))

    response = await api.post(SENSITIVE, json=wrong, headers=on_device(someone))

    assert refusal(response) == (401, "InvalidCredentials")


async def test_body_is_validated_before_the_proof(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.post(STEP_UP, json={"otp": "12345"}, headers=on_device(someone))

    assert refusal(response) == (422, "InvalidInput")


async def test_caller_is_authenticated_before_the_body_is_validated(api: httpx.AsyncClient) -> None:
    assert refusal(await api.post(STEP_UP, json={"otp": "12345"})) == (401, "NotAuthenticated")


async def test_password_without_the_second_factor_is_refused(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, _ = careful
    password = {"current_password": someone.person.password}

    only_password = await api.post("/auth/2fa/recovery-codes", json=password, headers=on_device(someone))
    nothing = await api.post("/auth/2fa/recovery-codes", headers=on_device(someone))

    assert refusal(only_password) == (403, "SecondFactorRequired")
    assert refusal(nothing) == (403, "StepUpRequired")


async def test_second_factor_steps_up(api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]) -> None:
    someone, authenticator = careful
    device = data(await api.get("/auth/fingerprints", headers=on_device(someone)))["devices"][0]
    body = {"device_fingerprint_id": device["_id"], "otp": await authenticator.next_otp()}

    data(await api.post("/auth/fingerprints/revoke", json=body, headers=on_device(someone)))


async def test_wrong_second_factor_is_refused_even_after_a_right_one(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator]
) -> None:
    someone, authenticator = careful
    otp = await authenticator.next_otp()
    data(await api.post(STEP_UP, json={"otp": otp}, headers=on_device(someone)))

    again = await api.post(STEP_UP, json={"otp": otp}, headers=on_device(someone))

    assert refusal(again) == (400, "WrongCode")


async def test_session_from_sso_is_not_stepped_up(api: httpx.AsyncClient, resources: Resources) -> None:
    newcomer = await make_account(resources)
    token = data(await api.post("/auth/sso/create", json={"app": "desk"}, headers=on_device(newcomer)), 201)
    body = {"sso_token": token["sso_token"], "app": "desk"}
    carried = data(await api.post("/auth/sso/validate", json=body))

    response = await api.post(SENSITIVE, headers=on_device(newcomer, carried))

    assert refusal(response) == (403, "StepUpRequired")


STARTS = ["/users/account/export", "/users/email/change/initiate", "/users/username/change/initiate"]


@pytest.mark.parametrize("route", STARTS)
async def test_repeated_start_needs_no_second_proof(
    api: httpx.AsyncClient, resources: Resources, careful: tuple[SignedIn, Authenticator], route: str
) -> None:
    someone, authenticator = careful
    asked = {"new_username": new_person().username} if "username" in route else {}
    body = {**asked, "otp": await authenticator.next_otp()}
    headers = on_device(someone) | {"Idempotency-Key": "start-00"}
    first = await api.post(route, json=body, headers=headers)
    await forget_step_up(resources, someone.session["_id"])

    again = await api.post(route, json=body, headers=headers)

    assert data(again, 202)["flow_id"] == data(first, 202)["flow_id"]


async def test_idempotency_key_is_no_proof(api: httpx.AsyncClient, someone: SignedIn) -> None:
    headers = on_device(someone) | {"Idempotency-Key": "start-00"}

    refused = await api.post("/users/account/export", json={}, headers=headers)
    still = await api.post("/users/account/export", json={}, headers=headers)

    assert refusal(refused) == refusal(still) == (403, "StepUpRequired")
