"""The entity Notifications, reset to its first task by an operator: no notification is stored twice.

On the dev stack: the time-skipping server cannot reset.
"""

import httpx

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.workflows.operator import Operator
from workflows.notifications.notifications import Notifications


async def wait_notified(api: httpx.AsyncClient, someone: SignedIn, *, times: int) -> list[Json]:
    """Return the user's notifications once there are `times` of them."""

    async def so_much() -> list[Json] | None:
        rows: list[Json] = data(await api.get("/notifications", headers=someone.bearer))["notifications"]
        return rows if len(rows) >= times else None

    return await eventually(so_much)


async def test_reset_entity_notifies_nothing_twice(
    api: httpx.AsyncClient, resources: Resources, operator: Operator
) -> None:
    someone = await make_account(resources)
    data(await api.post("/auth/login", json=someone.person.credentials))
    before = await wait_notified(api, someone, times=1)

    run = await operator.resets_notifications(someone.user["_id"])
    data(await api.post("/auth/login", json=someone.person.credentials))
    await run.signal(Notifications.events_pending)

    after = await wait_notified(api, someone, times=2)
    assert [row["seq"] for row in after] == [2, 1]
    assert after[1:] == before
