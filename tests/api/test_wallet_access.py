"""Who gets to the wallet routes: nobody without a session, and to the changes nobody off its own device."""

import httpx
import pytest

from tests.envelope import refusal
from tests.people import SignedIn

ADDRESS = {"address": "0x" + "ab" * 20}
SIGNED = {"message": "sign this", "signature": "ab" * 65}
SOMEBODY = "0123456789abcdef01234567"
Body = dict[str, str] | None
CHANGES: list[tuple[str, str, Body]] = [
    ("POST", "/wallets/link/challenge", ADDRESS),
    ("POST", "/wallets/link/validation", SIGNED),
    ("DELETE", f"/wallets/link/unlink/{ADDRESS['address']}", None),
    ("POST", "/wallets/primary/challenge", ADDRESS),
    ("POST", "/wallets/primary/validation", SIGNED),
    ("PATCH", "/wallets/primary/unset", ADDRESS),
]
LOOKS: list[tuple[str, str, Body]] = [
    ("GET", f"/wallets/{kind}/{whose}", None) for kind in ("link", "primary") for whose in ("me", SOMEBODY)
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES + LOOKS)
async def test_no_session_no_entry(api: httpx.AsyncClient, method: str, path: str, body: Body) -> None:
    assert refusal(await api.request(method, path, json=body)) == (401, "NotAuthenticated")


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
@pytest.mark.parametrize("device", [{}, {"X-Fingerprint-Hash": "f" * 64}], ids=["no device", "another device"])
async def test_change_is_made_on_the_sessions_own_device(
    api: httpx.AsyncClient, someone: SignedIn, method: str, path: str, body: Body, device: dict[str, str]
) -> None:
    response = await api.request(method, path, json=body, headers=someone.bearer | device)

    assert refusal(response) == (403, "DeviceNotTrusted")


@pytest.mark.parametrize("user_id", ["nobody", "0" * 23, "0" * 25, "g" * 24])
@pytest.mark.parametrize("kind", ["link", "primary"])
async def test_what_is_no_id_is_refused(api: httpx.AsyncClient, someone: SignedIn, kind: str, user_id: str) -> None:
    assert refusal(await api.get(f"/wallets/{kind}/{user_id}", headers=someone.bearer)) == (422, "InvalidInput")
