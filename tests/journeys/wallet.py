"""The journey with a wallet: link it, make it primary, sign in with it on a new device, try to unlink it."""

import secrets
from collections.abc import AsyncIterator

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from tests.journeys.registration import Step
from tests.journeys.steps import Json, at_home, data, on_device, refused
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, register


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone, wallet = await register(api, mailbox), Account.create()
    data(await _prove(api, wallet, "link", headers=at_home(someone)), 201)
    await mailbox.letter(someone.person.email, "wallet-changed")
    yield Step("link a wallet")

    data(await _prove(api, wallet, "primary", headers=at_home(someone)))
    shown = data(await api.get(f"/wallets/primary/{someone.user['_id']}", headers=someone.bearer))
    assert shown["address"] == wallet.address.lower()
    yield Step("make it the primary one, for all to see")

    phone = {"fingerprint_hashed": secrets.token_hex(32), "browser": "Firefox 145", "device": "Phone"}
    flow = data(await _prove(api, wallet, "auth", device=phone), 202)
    assert flow["next"] == "device_code"
    yield Step("sign in by wallet on a new device", flow["flow_id"])

    proof = {"flow_id": flow["flow_id"], "code": await mailbox.code(someone.person.email, "fingerprint-verify")}
    data(await api.post("/auth/login/fingerprint/email-verification", json=proof))
    yield Step("prove the device, be signed in", flow["flow_id"])

    session = data(await _prove(api, wallet, "auth", device=phone))
    headers = on_device(session, phone["fingerprint_hashed"])
    unlink = f"/wallets/link/unlink/{wallet.address}"
    refused(await api.delete(unlink, headers=headers), "StepUpRequired")
    yield Step("next time the wallet is enough, but not to unlink it")

    await _step_up(api, someone, headers)
    refused(await api.delete(unlink, headers=headers), "PrimaryWallet")
    yield Step("the primary wallet stays linked")

    data(await api.patch("/wallets/primary/unset", json={"address": wallet.address}, headers=headers))
    data(await api.delete(unlink, headers=headers))
    refused(await _prove(api, wallet, "auth", device=phone), "InvalidCredentials")
    yield Step("unlinked, it opens nothing any more")


async def _prove(
    api: httpx.AsyncClient,
    wallet: LocalAccount,
    purpose: str,
    headers: dict[str, str] | None = None,
    device: dict[str, str] | None = None,
) -> httpx.Response:
    """Request a challenge, sign it, and send it back with the other fields of the request."""
    asked = await api.post(f"/wallets/{purpose}/challenge", json={"address": wallet.address}, headers=headers)
    message = data(asked)["message"]
    signature = wallet.sign_message(encode_defunct(text=message)).signature.to_0x_hex()
    body: Json = {"message": message, "signature": signature, **(device or {})}
    return await api.post(f"/wallets/{purpose}/validation", json=body, headers=headers)


async def _step_up(api: httpx.AsyncClient, someone: SignedIn, headers: dict[str, str]) -> None:
    data(await api.post("/auth/step-up", json={"current_password": someone.person.password}, headers=headers))
