"""Searching for people, and for a free name."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Query

from api.schemas.envelope import View
from api.schemas.fields import Text
from api.schemas.paging import Meta, PageQuery
from api.social.schemas.profiles import FaceView
from domain.paging import Page, Row
from domain.social.relationships import PersonRow, PersonSummary, RelationCounts


class SearchQuery(PageQuery):
    q: Text = Query(min_length=1, max_length=100)


class GraphUserView(FaceView):
    """G of the contract: a person and how they and the caller stand to each other."""

    following_number: int
    followers_number: int
    is_following: bool
    is_follower: bool
    is_blocked: bool
    mutual_followers_number: int

    @classmethod
    def of_row(cls, face: PersonSummary, ties: RelationCounts) -> "GraphUserView":
        return cls(**asdict(face), **asdict(ties))


class SearchMeta(Meta):
    """`total` is exact to 1 000. With `total_capped` there may be more, which no page shows: say more of the name."""

    total_capped: bool

    @classmethod
    def of(cls, page: Page[Row], query: PageQuery) -> "SearchMeta":
        return cls(**Meta.of(page, query).model_dump(), total_capped=page.is_capped)


class PeoplePage(View):
    users: list[GraphUserView]
    meta: SearchMeta

    @classmethod
    def of(cls, page: Page[PersonRow], query: PageQuery) -> "PeoplePage":
        return cls(users=views_of(page), meta=SearchMeta.of(page, query))


def views_of(page: Page[PersonRow]) -> list[GraphUserView]:
    return [GraphUserView.of_row(face, ties) for face, ties in page.rows]


Searching = Annotated[SearchQuery, Query()]
