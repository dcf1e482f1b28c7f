"""Searching for people by their names, and for a name that is free."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.access.route_limits import caller_std, strict
from api.deps import Caller, Hashes, Now, Resources
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import Username
from api.social.schemas.search import NameAvailability, PeoplePage, Searching
from domain.social.search import FOUND_NOBODY, full_text_query, parse_place
from domain.username import is_reserved, username_key

router = APIRouter(prefix="/users/search", tags=["users"])


@router.get("", dependencies=[caller_std], response_model=Answer[PeoplePage], responses=problems(*CALLER_ERRORS))
async def people(caller: Caller, resources: Resources, query: Searching) -> Response:
    """People whose names fit: that very username, usernames that begin so, display names with words that do, and
    names one typo away; in this order, and by id. A new name is found about a second after it was given.
    """
    after = parse_place(query.cursor) if query.cursor else None
    search = full_text_query(query.q)
    found = FOUND_NOBODY
    if search:
        skip = query.page * query.limit
        me = caller.user.user_id
        found = await resources.social.search.find(search, caller_id=me, skip=skip, after=after, limit=query.limit)
    return answer(PeoplePage.of(found, query), "Users found")


@router.get("/existing-username", dependencies=[strict], response_model=Answer[NameAvailability], responses=problems())
async def existing_username(
    username: Annotated[Username, Query()], resources: Resources, hashes: Hashes, now: Now
) -> Response:
    """Whether a username can be had now. Reserved and held names cannot."""
    return answer(await _availability(username, resources, hashes, now), "Username checked")


async def _availability(username: str, resources: Resources, hashes: Hashes, now: Now) -> NameAvailability:
    if is_reserved(username):
        return NameAvailability(available=False, reason="reserved")
    key = username_key(username)
    owner, is_held = await asyncio.gather(
        resources.users.users.find_username_owner(key),
        resources.accounts.registrations.is_held(hashes.username_hold(key), now),
    )
    if owner is not None or is_held:
        return NameAvailability(available=False, reason="taken")
    return NameAvailability(available=True)
