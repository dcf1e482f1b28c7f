"""Wallets of users in tests: keys of an independent signer, and their signatures."""

from typing import Any

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

Proof = dict[str, Any]


def new_wallet() -> LocalAccount:
    wallet: LocalAccount = Account.create()
    return wallet


def signed(wallet: LocalAccount, message: str) -> Proof:
    """The body of a validation: the message and the wallet's signature, as `personal_sign` makes it."""
    signature = wallet.sign_message(encode_defunct(text=message)).signature
    return {"message": message, "signature": signature.to_0x_hex()}


async def challenge(
    api: httpx.AsyncClient, wallet: LocalAccount, purpose: str, headers: dict[str, str] | None = None
) -> str:
    """The text that the API wants signed."""
    asked = await api.post(f"/wallets/{purpose}/challenge", json={"address": wallet.address}, headers=headers)
    message: str = data(asked)["message"]
    return message


async def prove(
    api: httpx.AsyncClient, someone: SignedIn, wallet: LocalAccount, purpose: str = "link"
) -> httpx.Response:
    """Ask for a challenge, sign it, bring it back."""
    headers = on_device(someone)
    proof = signed(wallet, await challenge(api, wallet, purpose, headers))
    return await api.post(f"/wallets/{purpose}/validation", json=proof, headers=headers)


async def with_wallet(api: httpx.AsyncClient, someone: SignedIn) -> LocalAccount:
    """A wallet that is linked to the user."""
    wallet = new_wallet()
    data(await prove(api, someone, wallet), 201)
    return wallet


async def with_primary(api: httpx.AsyncClient, someone: SignedIn) -> LocalAccount:
    """A linked wallet that is the primary one."""
    wallet = await with_wallet(api, someone)
    data(await prove(api, someone, wallet, "primary"))
    return wallet
