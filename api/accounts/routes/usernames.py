"""Availability of usernames."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.access.permits import open_to_all
from api.access.route_limits import strict
from api.accounts.deps import ResourcesDep
from api.accounts.schemas.usernames import NameAvailability
from api.deps import HashesDep, NowDep
from api.http.errors import error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import Username
from domain.username import is_reserved, username_key

router = APIRouter(prefix="/users/search", tags=["users"])


@router.get(
    "/existing-username",
    dependencies=[open_to_all, strict],
    response_model=Answer[NameAvailability],
    responses=error_responses(),
)
async def check_username(
    username: Annotated[Username, Query()], resources: ResourcesDep, hashes: HashesDep, now: NowDep
) -> Response:
    """Return whether a username can be had now. Reserved and held names cannot."""
    return success_response(await _availability(username, resources, hashes, now), "Username checked")


async def _availability(username: str, resources: ResourcesDep, hashes: HashesDep, now: NowDep) -> NameAvailability:
    if is_reserved(username):
        return NameAvailability(available=False, reason="reserved")
    key = username_key(username)
    owner, is_held = await asyncio.gather(
        resources.users.users.find_id_by_username(key),
        resources.accounts.registrations.is_held(hashes.username_hold_key(key), now),
    )
    if owner is not None or is_held:
        return NameAvailability(available=False, reason="taken")
    return NameAvailability(available=True)
