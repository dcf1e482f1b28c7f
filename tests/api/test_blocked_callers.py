"""A blocked user cannot tell that from an account that is gone: each route that acts on a user answers the same."""

from collections.abc import Mapping

import httpx

from adapters.resources import Resources
from tests.api.access_levels import LEVELS, UNKNOWN_ID
from tests.api.requests import ask
from tests.support.accounts import make_account
from tests.support.envelope import Json
from tests.support.graph import block
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

BODIES_WITH_A_USER: Mapping[str, str] = {
    "POST /relationship/follow/following": "user_id_to",
    "POST /relationship/suggest/dismiss": "user_id",
}
"""The field of the body that names a user. Not in it: blocking in return, which a blocked user can do."""
IN_THE_QUERY = ("GET /relationship/follow/followers", "GET /relationship/follow/followings")
ON_A_USER = [*(route for route in LEVELS if "{user_id" in route), *IN_THE_QUERY, *BODIES_WITH_A_USER]


async def answer_about(api: httpx.AsyncClient, route: str, user_id: str, headers: dict[str, str]) -> tuple[int, Json]:
    """Return status and content of the answer, without the id of the user."""
    field = BODIES_WITH_A_USER.get(route)
    path = route.replace("{user_id}", user_id).replace("{user_id_to}", user_id)
    answer = await ask(api, path, headers, {field: user_id} if field else {}, user_id=user_id)
    body = answer.json()
    return answer.status_code, {"error": body.get("error"), "data": str(body.get("data")).replace(user_id, "")}


async def test_blocked_caller_is_answered_as_if_there_were_no_such_user(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    blocker, headers = await make_account(resources), on_device(someone)
    await block(resources, blocker, someone)

    answers = {route: await answer_about(api, route, blocker.user["_id"], headers) for route in ON_A_USER}

    assert answers == {route: await answer_about(api, route, UNKNOWN_ID, headers) for route in ON_A_USER}
