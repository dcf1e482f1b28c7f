"""The cost of a page: one query, whatever its content."""

from typing import Any

import pytest
from neo4j import AsyncSession

from adapters.resources import Resources
from domain.paging import PageRequest
from tests.support.accounts import make_account
from tests.support.relationships import make_follow


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that Neo4j is asked from here on."""
    asked: list[str] = []
    run = AsyncSession.run

    async def noting(session: AsyncSession, query: str, *values: Any, **named: Any) -> Any:
        asked.append(query)
        return await run(session, query, *values, **named)

    monkeypatch.setattr(AsyncSession, "run", noting)
    return asked


@pytest.mark.defect(101)
async def test_page_with_all_its_flags_is_one_query(resources: Resources, queries: list[str]) -> None:
    owner, *people = [await make_account(resources) for _ in range(6)]
    for person in people:
        await make_follow(resources, person, owner)
    queries.clear()

    page = await resources.social.lists.list_followers(
        owner.user["_id"], caller_id=people[0].user["_id"], page_request=PageRequest(20)
    )

    assert len(page.rows) == 5
    assert len(queries) == 1
