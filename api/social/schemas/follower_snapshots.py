"""Growth of a user's followers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field, RootModel

from api.schemas.envelope import View
from api.schemas.fields import Day, Timestamp
from api.social.schemas.profiles import FaceView
from domain.social.follower_growth import Growth, GrowthPoint
from domain.social.relationships import PersonSummary

Since = Annotated[Day, Query(alias="from", description="A month before `to`, unless said otherwise.")]
Until = Annotated[Day, Query(alias="to", description="Today, unless said otherwise, and no later.")]


class PointView(View):
    """One day: the number of followers, and how many came and left since the day before it that was taken."""

    snapshot_at: Timestamp
    followers_number: int
    gained: int
    lost: int

    @classmethod
    def of(cls, point: GrowthPoint) -> "PointView":
        return cls(snapshot_at=point.at, followers_number=point.followers_number, gained=point.gained, lost=point.lost)


class DailyFollowers(RootModel[list[PointView]]):
    """A point for each day, oldest first."""


class GrowthView(View):
    """From the end of the day `from` to that of `to`. A follower who came and left again in between is in neither
    list. A user with very many followers has more changes than can be named: the lists have those after `named_from`,
    the numbers count all.
    """

    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    followers_before: int
    followers_number: int
    gained: int
    lost: int
    named_from: date
    came: list[FaceView]
    left: list[FaceView]
    points: list[PointView]

    @classmethod
    def of(cls, growth: Growth, *, came: Sequence[PersonSummary], left: Sequence[PersonSummary]) -> "GrowthView":
        return cls(
            since=growth.since,
            until=growth.until,
            followers_before=growth.followers_before,
            followers_number=growth.followers_after,
            gained=growth.gained,
            lost=growth.lost,
            named_from=growth.listed_since,
            came=[FaceView.of(face) for face in came],
            left=[FaceView.of(face) for face in left],
            points=[PointView.of(point) for point in growth.points],
        )
