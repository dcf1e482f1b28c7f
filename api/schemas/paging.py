"""Pages of a list: `page` from 0 with `limit`, or the `next_cursor` of the page before."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, model_validator

from api.schemas.envelope import View
from domain.paging import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, Page, PageRequest, Row, parse_cursor


class ListQuery(BaseModel):
    """What is said of a list in a query, where other parameters are ignored."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _said(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A form without an entry sends `page=`: an empty value is one that was not said."""
        return {name: value for name, value in values.items() if value != ""}


class CursorQuery(ListQuery):
    """Of a list that is not counted, whose pages are reached by cursor alone."""

    limit: int = Query(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Query(None, max_length=100)


class PageQuery(ListQuery):
    page: int = Query(0, ge=0)
    limit: int = Query(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Query(None, max_length=100)

    @model_validator(mode="after")
    def _shallow(self) -> "PageQuery":
        if self.page * self.limit > MAX_OFFSET:
            raise ValueError("so deep a page is reached with the cursor")
        return self

    @property
    def window(self) -> PageRequest:
        """What is asked for. Raises InvalidInput for a cursor that is none of ours."""
        after = parse_cursor(self.cursor) if self.cursor else None
        return PageRequest(self.limit, self.page * self.limit, after)


class Meta(View):
    """`total` counts all there is; `next_cursor` is null on the last page."""

    total: int
    page: int
    limit: int
    is_last_page: bool
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: Page[Row], query: PageQuery) -> "Meta":
        return cls(
            total=page.total,
            page=query.page,
            limit=query.limit,
            is_last_page=page.next_cursor is None,
            next_cursor=page.next_cursor,
        )


class CursorMeta(View):
    """`next_cursor` is null on the last page. The rows are not counted."""

    limit: int
    is_last_page: bool
    next_cursor: str | None

    @classmethod
    def of(cls, next_cursor: str | None, query: CursorQuery) -> "CursorMeta":
        return cls(limit=query.limit, is_last_page=next_cursor is None, next_cursor=next_cursor)


Paging = Annotated[PageQuery, Query()]
