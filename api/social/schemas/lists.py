"""Lists of users: those of any user, and a search inside one's own."""

from typing import Annotated

from fastapi import Query

from api.schemas.envelope import View
from api.schemas.fields import ObjectId, Text
from api.schemas.paging import Meta, PageQuery
from api.social.schemas.search import GraphUserView, views_of
from domain.paging import Page
from domain.social.relationships import PersonRow


class OwnersQuery(PageQuery):
    user_id: ObjectId = Query()


class InsideQuery(PageQuery):
    params: Text = Query(min_length=1, max_length=100)


class UserList(View):
    users: list[GraphUserView]
    meta: Meta

    @classmethod
    def of(cls, page: Page[PersonRow], query: PageQuery) -> "UserList":
        return cls(users=views_of(page), meta=Meta.of(page, query))


OwnedBy = Annotated[OwnersQuery, Query()]
Inside = Annotated[InsideQuery, Query()]
