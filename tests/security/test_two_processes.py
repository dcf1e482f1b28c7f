"""Two processes of the API: a session ended at one is refused at the other within 1 s, without Redis within 10 s."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device

ME = "/users/profile/me"
REFRESH = "/auth/session/refresh"
End = Callable[[httpx.AsyncClient, SignedIn, Json], Awaitable[object]]


async def logged_out(api: httpx.AsyncClient, someone: SignedIn, session: Json) -> object:
    return data(await api.post("/auth/session/logout", json={"session_token": session["session_token"]}))


async def revoked(api: httpx.AsyncClient, someone: SignedIn, session: Json) -> object:
    body = {"session_id": session["_id"]}
    return data(await api.post("/auth/session/revoke", json=body, headers=on_device(someone)))


async def all_others_revoked(api: httpx.AsyncClient, someone: SignedIn, session: Json) -> object:
    return data(await api.post("/auth/session/revoke-all", headers=on_device(someone)))


async def device_revoked(api: httpx.AsyncClient, someone: SignedIn, session: Json) -> object:
    body = {"device_fingerprint_id": session["device_fingerprint_id"]}
    return data(await api.post("/auth/fingerprints/revoke", json=body, headers=on_device(someone)))


async def password_changed(api: httpx.AsyncClient, someone: SignedIn, session: Json) -> object:
    body = {"old_password": someone.person.password, "new_password": "quite another pass phrase"}
    return data(await api.post("/auth/password/change", json=body, headers=on_device(someone)))


async def stolen(api: httpx.AsyncClient, someone: SignedIn, session: Json) -> object:
    """Refresh twice, then use the first token again, two generations old."""
    second = data(await api.post(REFRESH, json={"session_token": session["session_token"]}))
    data(await api.post(REFRESH, json={"session_token": second["session_token"]}))
    return await api.post(REFRESH, json={"session_token": session["session_token"]})


ENDS: list[End] = [logged_out, revoked, all_others_revoked, device_revoked, password_changed, stolen]


async def refused(client: httpx.AsyncClient, someone: SignedIn, session: Json, *, within: float) -> bool:
    """Whether the session's token is refused within so many seconds."""

    async def is_refused() -> bool:
        return (await client.get(ME, headers=on_device(someone, session))).status_code == 401

    return await eventually(is_refused, within=within)


@pytest.mark.defect(28)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.replace("_", " "))
async def test_session_ended_at_one_process_is_refused_at_the_other_within_a_second(
    api: httpx.AsyncClient, other_process: httpx.AsyncClient, someone: SignedIn, end: End
) -> None:
    session = data(await api.post("/auth/login", json=someone.person.credentials))
    data(await other_process.get(ME, headers=on_device(someone, session)))

    await end(api, someone, session)

    assert await refused(other_process, someone, session, within=1)


@pytest.mark.defect(28)
async def test_session_ended_elsewhere_is_refused_within_ten_seconds_without_redis(
    api: httpx.AsyncClient, deaf_process: httpx.AsyncClient, someone: SignedIn
) -> None:
    data(await deaf_process.get(ME, headers=on_device(someone)))

    await logged_out(api, someone, someone.session)

    assert await refused(deaf_process, someone, someone.session, within=10)


async def test_routes_that_need_the_device_see_the_end_at_once(
    api: httpx.AsyncClient, deaf_process: httpx.AsyncClient, someone: SignedIn
) -> None:
    """They read the session from the store, with or without an invalidation."""
    data(await deaf_process.get("/auth/session/active", headers=on_device(someone)))
    await logged_out(api, someone, someone.session)

    response = await deaf_process.get("/auth/session/active", headers=on_device(someone))

    assert response.status_code == 401


async def test_session_refreshed_at_both_processes_at_once_has_one_successor(
    api: httpx.AsyncClient, other_process: httpx.AsyncClient, someone: SignedIn
) -> None:
    body = {"session_token": someone.session["session_token"]}

    answers = await asyncio.gather(*(each.post(REFRESH, json=body) for each in (api, other_process) * 10))

    assert len({data(answer)["session_token"] for answer in answers}) == 1
