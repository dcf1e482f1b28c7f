"""Signed-in users at the API: their headers, and their second factor."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pyotp
from bson import ObjectId

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.people import Person, SignedIn


def on_device(someone: SignedIn, session: dict[str, Any] | None = None) -> dict[str, str]:
    """Access token and device of a session, their first one unless another is given."""
    token = (session or someone.session)["access_token"]
    return {"Authorization": f"Bearer {token}", "X-Fingerprint-Hash": someone.person.fingerprint}


async def active(api: httpx.AsyncClient, someone: SignedIn) -> int:
    """Return how many sessions the user has."""
    return len(data(await api.get("/auth/session/active", headers=on_device(someone)))["sessions"])


async def signed_in_again(api: httpx.AsyncClient, someone: SignedIn) -> SignedIn:
    """Return the same user on the same device, with a new session."""
    return replace(someone, session=data(await api.post("/auth/login", json=someone.person.credentials)))


def new_device(person: Person) -> dict[str, str]:
    """Return the body of a login on an unknown device."""
    return {**person.credentials, "fingerprint_hashed": secrets.token_hex(32), "device": "Phone"}


@dataclass
class Authenticator:
    """A user's second factor: the app with the secret, and the list of recovery codes."""

    resources: Resources
    user_id: str
    secret: str
    recovery_codes: list[str]

    @property
    def otp(self) -> str:
        return pyotp.TOTP(self.secret).now()

    async def next_otp(self) -> str:
        """A one-time password that counts, without waiting for the next half minute."""
        otps = self.resources.clients.database["otps"]
        await otps.update_one(
            {"user_id": ObjectId(self.user_id)}, {"$set": {"last_step": 0}, "$unset": {"last_use": ""}}
        )
        return self.otp

    async def use_newer(self) -> None:
        """As if the next one-time password had been used elsewhere by now."""
        newer = {"$inc": {"last_step": 1}, "$set": {"last_use": "another"}}
        await self.resources.clients.database["otps"].update_one({"user_id": ObjectId(self.user_id)}, newer)


async def with_second_factor(api: httpx.AsyncClient, resources: Resources) -> tuple[SignedIn, Authenticator]:
    """A new user who has turned the second factor on."""
    someone = await make_account(resources)
    return someone, await turn_on_second_factor(api, resources, someone)


async def turn_on_second_factor(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> Authenticator:
    secret = data(await api.post("/auth/2fa/setup", headers=on_device(someone)))["otp_secret"]
    otp = pyotp.TOTP(secret).now()
    enabled = data(await api.post("/auth/2fa/enable", json={"otp": otp}, headers=on_device(someone)))
    return Authenticator(resources, someone.user["_id"], secret, enabled["recovery_codes"])


async def forget_step_up(resources: Resources, session_id: str) -> None:
    """As if the session's last proof were long ago."""
    long_ago = {"stepped_up_at": datetime(2000, 1, 1, tzinfo=UTC)}
    await resources.clients.database["sessions"].update_one({"_id": ObjectId(session_id)}, {"$set": long_ago})
