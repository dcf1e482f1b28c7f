"""The current user, and the existence of a username."""

import httpx
import pytest

from tests.support.envelope import data, refusal
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import on_device

EXISTS = "/auth/info/exist-by-email-or-username"


async def test_current_user_is_the_owner_of_the_token(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert data(await api.get("/auth/user/current", headers=on_device(someone))) == {
        "userId": someone.user["_id"],
        "email": someone.person.email,
        "username": someone.person.username,
        "role": "user",
    }


async def test_existence_of_a_username_is_returned(api: httpx.AsyncClient, someone: SignedIn) -> None:
    known = await api.post(EXISTS, json={"email_or_username": someone.person.username.upper()})
    unknown = await api.post(EXISTS, json={"email_or_username": new_person().username})

    assert (data(known), data(unknown)) == ({"exists": True}, {"exists": False})


@pytest.mark.defect(15)
async def test_email_address_is_refused(api: httpx.AsyncClient) -> None:
    response = await api.post(EXISTS, json={"email_or_username": "unknown@people.test"})

    assert refusal(response) == (422, "InvalidInput")
