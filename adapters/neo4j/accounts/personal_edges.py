"""What the graph holds about one person: whom they follow, who follows them, whom they block, what they like."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from domain.accounts.account_export import Row

FETCH_SIZE = 1_000

STATEMENTS: Mapping[str, LiteralString] = {
    "followings": """
MATCH (:User {user_id: $user_id})-[edge:FOLLOWING|FOLLOWING_PAUSED]->(other:User)
RETURN other.user_id AS user_id, toString(datetime({epochMillis: edge.created_at})) AS since
""",
    "followers": """
MATCH (:User {user_id: $user_id})<-[edge:FOLLOWING|FOLLOWING_PAUSED]-(other:User)
RETURN other.user_id AS user_id, toString(datetime({epochMillis: edge.created_at})) AS since
""",
    "blocked": """
MATCH (:User {user_id: $user_id})-[edge:BLOCKED]->(other:User)
RETURN other.user_id AS user_id, toString(datetime({epochMillis: edge.created_at})) AS since
""",
    "dismissed": """
MATCH (:User {user_id: $user_id})-[edge:DISMISSED]->(other:User)
RETURN other.user_id AS user_id, toString(datetime({epochMillis: edge.until})) AS until
""",
    "interests": """
MATCH (:User {user_id: $user_id})-[edge:INTERESTS]->(interest:Interest)
RETURN interest.key AS interest, toString(datetime({epochMillis: edge.created_at})) AS since
""",
}
"""A noun with edges of its own adds them here."""


class PersonalEdges:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    @property
    def nouns(self) -> Sequence[str]:
        """What `rows` knows."""
        return tuple(STATEMENTS)

    async def rows(self, noun: str, user_id: str) -> AsyncIterator[Row]:
        """The person's edges of one kind in no order, pulled a page at a time: a million of them fit no memory."""
        async with self._driver.session(default_access_mode=READ_ACCESS, fetch_size=FETCH_SIZE) as session:
            async for record in await session.run(STATEMENTS[noun], user_id=user_id):
                yield record.data()
