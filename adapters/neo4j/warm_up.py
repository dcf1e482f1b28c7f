"""Has the server plan our longest statements before somebody waits for them."""

from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from adapters.neo4j.search import FIND_PEOPLE
from adapters.neo4j.ties import NOBODY, READ_REGARD

STATEMENTS: dict[LiteralString, dict[str, object]] = {
    READ_REGARD: {"user_id": NOBODY, "caller_id": NOBODY},
    FIND_PEOPLE: {
        "search": "username:nobody",
        "caller_id": NOBODY,
        "reach": 1,
        "skip": 0,
        "limit": 1,
        "after_fit": 0,
        "after_id": NOBODY,
    },
}
"""Each with values of the types that it is run with: the plan is kept for those."""


async def warm_up(driver: AsyncDriver) -> None:
    """A server that has just started takes seconds for it. Whoever gives up waiting throws the plan away with it,
    and so would the next.
    """
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        for statement, values in STATEMENTS.items():
            await (await session.run(statement, values)).consume()
