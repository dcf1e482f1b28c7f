"""How the caller stands to others."""

from typing import Annotated

from pydantic import Field

from api.schemas.envelope import Body, View
from api.schemas.fields import ObjectId
from domain.paging import MOST_AT_ONCE


class StatusRequest(Body):
    user_ids: Annotated[list[ObjectId], Field(max_length=MOST_AT_ONCE)]


class StandingView(View):
    user_id: str
    is_following: bool
    is_follower: bool
    is_blocked: bool


class Standings(View):
    """In the order of the request."""

    users: list[StandingView]
