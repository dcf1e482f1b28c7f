"""How the caller stands to others."""

from typing import Annotated

from pydantic import Field

from api.schemas.envelope import Body, View
from api.schemas.fields import ObjectId
from domain.paging import MAX_LIMIT


class StatusRequest(Body):
    user_ids: Annotated[list[ObjectId], Field(max_length=MAX_LIMIT)]


class StandingView(View):
    user_id: str
    is_following: bool
    is_follower: bool
    is_blocked: bool


class Standings(View):
    """In the order of the request."""

    users: list[StandingView]
