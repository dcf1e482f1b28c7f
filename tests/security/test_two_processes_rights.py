"""Two processes of the API: a role edited at one counts at the other within 1 s, without Redis within 10 s."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from adapters.resources import Resources
from domain.users.grants import GrantKind
from domain.users.role_graph import RoleDefinition
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.rights import create_role, delete_roles, give, make_admin, new_role
from tests.support.signed_in import on_device

ASKED = "/graph/reports"
"""A route that reads no roles itself: what reads them has them as they are, and so has the process."""
RIGHT = "system:read"
Edit = Callable[[httpx.AsyncClient, SignedIn, RoleDefinition], Awaitable[object]]


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    return await make_admin(resources)


@pytest.fixture
async def role(resources: Resources, admin: SignedIn, someone: SignedIn) -> AsyncIterator[RoleDefinition]:
    """A role of someone, with the right."""
    role = await create_role(resources, admin, new_role(RIGHT))
    await give(resources, admin, someone, GrantKind.ROLE, role.name)
    yield role
    await delete_roles(resources, role)


async def right_taken(api: httpx.AsyncClient, admin: SignedIn, role: RoleDefinition) -> object:
    return data(await api.delete(f"/roles/{role.role_id}/permissions/{RIGHT}", headers=on_device(admin)))


async def right_given(api: httpx.AsyncClient, admin: SignedIn, role: RoleDefinition) -> object:
    body = {"permissions": [RIGHT]}
    return data(await api.post(f"/roles/{role.role_id}/permissions", json=body, headers=on_device(admin)))


async def switched_off(api: httpx.AsyncClient, admin: SignedIn, role: RoleDefinition) -> object:
    body = {
        "display_name": role.name,
        "description": "",
        "parents": [],
        "permissions": [RIGHT],
        "is_active": False,
    }
    return data(await api.put(f"/roles/{role.role_id}", json=body, headers=on_device(admin)))


async def answers(client: httpx.AsyncClient, someone: SignedIn, status: int, *, within: float) -> bool:
    """Whether the route that asks for the right answers so within so many seconds."""

    async def is_answered() -> bool:
        return (await client.get(ASKED, headers=someone.bearer)).status_code == status

    return await eventually(is_answered, within=within)


@pytest.mark.parametrize("edit", [right_taken, switched_off], ids=lambda edit: edit.__name__.replace("_", " "))
async def test_right_taken_at_one_process_is_gone_at_the_other_within_a_second(
    api: httpx.AsyncClient,
    other_process: httpx.AsyncClient,
    admin: SignedIn,
    someone: SignedIn,
    role: RoleDefinition,
    edit: Edit,
) -> None:
    data(await other_process.get(ASKED, headers=someone.bearer))

    await edit(api, admin, role)

    assert await answers(other_process, someone, 403, within=1)


async def test_right_given_at_one_process_is_there_at_the_other_within_a_second(
    api: httpx.AsyncClient, other_process: httpx.AsyncClient, admin: SignedIn, someone: SignedIn, role: RoleDefinition
) -> None:
    await right_taken(other_process, admin, role)
    assert (await other_process.get(ASKED, headers=someone.bearer)).status_code == 403

    await right_given(api, admin, role)

    assert await answers(other_process, someone, 200, within=1)


async def test_right_taken_elsewhere_is_gone_within_ten_seconds_without_redis(
    api: httpx.AsyncClient, deaf_process: httpx.AsyncClient, admin: SignedIn, someone: SignedIn, role: RoleDefinition
) -> None:
    data(await deaf_process.get(ASKED, headers=someone.bearer))

    await right_taken(api, admin, role)

    assert await answers(deaf_process, someone, 403, within=10)
