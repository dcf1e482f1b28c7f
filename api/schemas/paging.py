"""Pages of a list: `page` from 0 with `limit`, or the `next_cursor` of the page before."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, model_validator

from api.schemas.envelope import View
from domain.paging import DEEPEST, DEFAULT_LIMIT, MOST_AT_ONCE


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="ignore")

    page: int = Query(0, ge=0)
    limit: int = Query(DEFAULT_LIMIT, ge=1, le=MOST_AT_ONCE)
    cursor: str | None = Query(None, max_length=100)

    @model_validator(mode="after")
    def _shallow(self) -> "PageQuery":
        if self.page * self.limit > DEEPEST:
            raise ValueError("so deep a page is reached with the cursor")
        return self


class Meta(View):
    """`total` counts all there is; `next_cursor` is null on the last page."""

    total: int
    page: int
    limit: int
    is_last_page: bool
    next_cursor: str | None = None


Paging = Annotated[PageQuery, Query()]
