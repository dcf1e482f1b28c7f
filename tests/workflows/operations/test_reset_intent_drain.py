"""The entity of a shard, reset to its first task by an operator: no notification is stored twice.

On the dev stack: the time-skipping server cannot reset.
"""

import httpx

from adapters.resources import Resources
from domain.intents import IntentKind, shard_of
from tests.support.accounts import make_account
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.workflows.operator import Operator


async def follow(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    follower = await make_account(resources)
    body = {"user_id_to": someone.user["_id"]}
    data(await api.post("/relationship/follow/following", json=body, headers=follower.bearer))


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
    await follow(api, resources, someone)
    before = await wait_notified(api, someone, times=1)

    await operator.resets_drain(shard_of(IntentKind.FOLLOW_NOTIFICATIONS, someone.user["_id"]))
    await follow(api, resources, someone)

    after = await wait_notified(api, someone, times=2)
    assert [row["seq"] for row in after] == [2, 1]
    assert after[1:] == before
