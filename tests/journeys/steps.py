"""Calls that all journeys with a sign-in share, with the checks of their responses."""

import secrets
from typing import Any

import httpx

from tests.support.people import Person, SignedIn

Json = dict[str, Any]


def data(response: httpx.Response, status: int = 200) -> Json:
    assert response.status_code == status, response.text
    found: Json = response.json()["data"]
    return found


def refused(response: httpx.Response, error: str) -> None:
    assert response.json().get("error") == error, response.text


def on_device(session: Json, fingerprint: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}", "X-Fingerprint-Hash": fingerprint}


def at_home(someone: SignedIn) -> dict[str, str]:
    """Headers of the session and the device of the registration."""
    return on_device(someone.session, someone.person.fingerprint)


def elsewhere(person: Person) -> Json:
    """Return the body of a login on an unknown device."""
    return {**person.credentials, "fingerprint_hashed": secrets.token_hex(32), "device": "Phone"}
