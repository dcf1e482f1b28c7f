"""Interests, and people who have the same."""

from typing import Annotated

from pydantic import Field

from api.schemas.envelope import Body, View
from api.schemas.paging import PageQuery
from api.social.schemas.search import GraphUserView, SearchMeta
from domain.paging import Page
from domain.social.interests import Interest, SharedInterestUser


class InterestsRequest(Body):
    # A strict enum takes no text, and JSON has nothing else.
    interest: Annotated[list[Annotated[Interest, Field(strict=False)]], Field(max_length=len(Interest))]


class Interests(View):
    """By name."""

    interest: list[Interest]


class LikeMindedView(GraphUserView):
    shared_interests_count: int
    shared_interests: list[Interest]

    @classmethod
    def of_like_minded(cls, person: SharedInterestUser) -> "LikeMindedView":
        row = GraphUserView.of_row(person.person, person.relations)
        shared = list(person.shared)
        return cls(**row.model_dump(), shared_interests_count=len(shared), shared_interests=shared)


class LikeMindedPage(View):
    """With `total_capped` there may be more: only so many are ranked, those who share the rarest interests."""

    users: list[LikeMindedView]
    meta: SearchMeta

    @classmethod
    def of(cls, page: Page[SharedInterestUser], query: PageQuery) -> "LikeMindedPage":
        users = [LikeMindedView.of_like_minded(person) for person in page.rows]
        return cls(users=users, meta=SearchMeta.of(page, query))
