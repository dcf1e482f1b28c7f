"""Sign-in with a wallet: it replaces the password, and neither the device code nor the second factor."""

import secrets
from typing import Any

import httpx
import pytest
from eth_account.signers.local import LocalAccount

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import on_device, with_second_factor
from tests.support.wallets import challenge, new_wallet, signed, with_wallet

VALIDATION = "/wallets/auth/validation"
CODE = "/auth/login/fingerprint/email-verification"
SECOND = "/auth/2fa/login"


async def sign_in(
    api: httpx.AsyncClient, wallet: LocalAccount, device: dict[str, str], key: str | None = None
) -> httpx.Response:
    body = signed(wallet, await challenge(api, wallet, "auth")) | device
    return await api.post(VALIDATION, json=body, headers={"Idempotency-Key": key} if key else {})


def phone() -> dict[str, str]:
    """Return a device that is new to every account."""
    return {"fingerprint_hashed": secrets.token_hex(32), "browser": "Firefox 145", "device": "Phone"}


async def claims(api: httpx.AsyncClient, session: dict[str, Any]) -> dict[str, Any]:
    token = {"access_token": session["access_token"]}
    found: dict[str, Any] = data(await api.post("/auth/session/validate-access", json=token))
    return found


async def test_trusted_device_opens_a_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)

    session = data(await sign_in(api, wallet, someone.person.device))

    assert session["user_id"] == someone.user["_id"]
    assert session["session_token"]
    assert (await claims(api, session))["amr"] == ["swk"]


@pytest.mark.defect(20)
async def test_new_device_needs_the_code_and_is_trusted_afterwards(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    wallet, device = await with_wallet(api, someone), phone()

    flow = data(await sign_in(api, wallet, device), 202)
    code = await mailbox.code(someone.person.email, "fingerprint-verify")
    session = data(await api.post(CODE, json={"flow_id": flow["flow_id"], "code": code}))

    assert (flow["kind"], flow["next"]) == ("sign_in", "device_code")
    assert (await claims(api, session))["amr"] == ["swk"]
    assert data(await sign_in(api, wallet, device))["user_id"] == someone.user["_id"]


@pytest.mark.defect(20)
async def test_second_factor_is_required(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    wallet = await with_wallet(api, someone)

    flow = data(await sign_in(api, wallet, someone.person.device), 202)
    second = {"flow_id": flow["flow_id"], "otp": await authenticator.next_otp()}
    session = data(await api.post(SECOND, json=second))

    assert flow["next"] == "otp"
    assert (await claims(api, session))["amr"] == ["swk", "otp"]


async def test_wallet_does_not_step_up(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)
    session = data(await sign_in(api, wallet, someone.person.device))

    response = await api.post("/auth/2fa/setup", headers=on_device(someone, session))

    assert refusal(response) == (403, "StepUpRequired")


async def test_wallet_and_device_code_do_not_step_up(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    wallet, device = await with_wallet(api, someone), phone()
    flow = data(await sign_in(api, wallet, device), 202)
    code = await mailbox.code(someone.person.email, "fingerprint-verify")
    session = data(await api.post(CODE, json={"flow_id": flow["flow_id"], "code": code}))
    headers = on_device(someone, session) | {"X-Fingerprint-Hash": device["fingerprint_hashed"]}

    response = await api.delete(f"/wallets/link/unlink/{wallet.address}", headers=headers)

    assert refusal(response) == (403, "StepUpRequired")


async def test_valid_proof_of_a_wallet_never_linked_is_refused(api: httpx.AsyncClient) -> None:
    assert refusal(await sign_in(api, new_wallet(), phone())) == (401, "InvalidCredentials")


async def test_deactivated_account_is_reported_after_a_valid_proof_only(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser
) -> None:
    wallet = await with_wallet(api, someone)
    await change_user(someone.user["_id"], {"is_active": False})
    wrong = signed(new_wallet(), await challenge(api, wallet, "auth")) | someone.person.device

    unproved = await api.post(VALIDATION, json=wrong)
    proved = await sign_in(api, wallet, someone.person.device)

    assert refusal(unproved) == (400, "WalletProofInvalid")
    assert refusal(proved) == (403, "AccountDeactivated")


async def test_unlinked_wallet_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)
    data(await api.delete(f"/wallets/link/unlink/{wallet.address}", headers=on_device(someone)))

    assert refusal(await sign_in(api, wallet, someone.person.device)) == (401, "InvalidCredentials")


async def test_challenge_of_a_link_does_not_sign_in(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)
    message = await challenge(api, wallet, "link", on_device(someone))

    response = await api.post(VALIDATION, json=signed(wallet, message) | someone.person.device)

    assert refusal(response) == (400, "WalletProofInvalid")


@pytest.mark.parametrize(("device", "status", "what"), [("known", 200, "_id"), ("new", 202, "flow_id")])
async def test_same_request_opens_one_session_or_one_flow(
    api: httpx.AsyncClient, someone: SignedIn, device: str, status: int, what: str
) -> None:
    wallet = await with_wallet(api, someone)
    fields = someone.person.device if device == "known" else phone()
    body = signed(wallet, await challenge(api, wallet, "auth")) | fields
    key = {"Idempotency-Key": secrets.token_hex(8)}

    first, again = [data(await api.post(VALIDATION, json=body, headers=key), status) for _ in range(2)]
    other = await api.post(VALIDATION, json=body | {"device": "another"}, headers=key)

    assert first[what] == again[what]
    assert refusal(other) == (409, "IdempotencyKeyReused")


async def test_sign_in_is_among_the_security_events(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)
    data(await sign_in(api, wallet, someone.person.device))

    events = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"]

    assert events[0]["kind"] == "signed_in"


async def test_session_has_the_app_of_the_request(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)

    session = data(await sign_in(api, wallet, someone.person.device | {"app": "desk"}))

    assert session["app"] == "desk"
