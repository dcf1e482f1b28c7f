"""A user's data in the graph, for the account export: follows, followers, blocks, dismissals and interests."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from domain.accounts.account_export import Row
from domain.paging import from_milliseconds

FETCH_SIZE = 1_000

STATEMENTS: Mapping[str, LiteralString] = {
    "followings": """
MATCH (:User {user_id: $user_id})-[edge:FOLLOWING|FOLLOWING_PAUSED]->(other:User)
RETURN other.user_id AS user_id, edge.created_at AS since
""",
    "followers": """
MATCH (:User {user_id: $user_id})<-[edge:FOLLOWING|FOLLOWING_PAUSED]-(other:User)
RETURN other.user_id AS user_id, edge.created_at AS since
""",
    "blocked": """
MATCH (:User {user_id: $user_id})-[edge:BLOCKED]->(other:User)
RETURN other.user_id AS user_id, edge.created_at AS since
""",
    "dismissed": """
MATCH (:User {user_id: $user_id})-[edge:DISMISSED]->(other:User)
RETURN other.user_id AS user_id, edge.until AS until
""",
    "interests": """
MATCH (:User {user_id: $user_id})-[edge:INTERESTS]->(interest:Interest)
RETURN interest.key AS interest, edge.created_at AS since
""",
}
"""Statement by noun, the name of the list in the export. A noun with edges of its own adds its statement here. Its
only numbers are times, in milliseconds since 1970.
"""


class PersonalEdges:
    """Reads a user's edges as rows of the account export. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    @property
    def nouns(self) -> Sequence[str]:
        """The nouns that `rows` accepts."""
        return tuple(STATEMENTS)

    async def rows(self, noun: str, user_id: str) -> AsyncIterator[Row]:
        """Yield the user's edges of one kind, unordered and fetched in pages: a million of them do not fit in memory.

        A row holds the other user's id or the interest, and a time. Raises KeyError for an unknown noun.
        """
        async with self._driver.session(default_access_mode=READ_ACCESS, fetch_size=FETCH_SIZE) as session:
            async for record in await session.run(STATEMENTS[noun], user_id=user_id):
                yield _row(record.data())


def _row(edge: Row) -> Row:
    return {name: from_milliseconds(value) if isinstance(value, int) else value for name, value in edge.items()}
