"""Who follows whom, read for the daily snapshots: many people at once, or one famous person slice by slice."""

from collections.abc import Sequence
from dataclasses import dataclass

from neo4j import READ_ACCESS, AsyncDriver

ROWS_AT_ONCE = 100
"""So many people of a page are unpacked in one go: the driver leaves the event loop no turn in between."""

# Read row by row, so that who reads can stop when there is enough. Lists that are longer than `most` are left out.
FOLLOWERS_OF_MANY = """
MATCH (u:User) WHERE u.user_id > $after_id AND coalesce(u.is_active, true)
WITH u ORDER BY u.user_id LIMIT $people
RETURN u.user_id AS user_id, CASE WHEN count { (u)<-[:FOLLOWING]-() } <= $most THEN
  COLLECT { MATCH (u)<-[follow:FOLLOWING]-() RETURN follow.from_id } END AS follower_ids
"""

FOLLOWERS_OF_ONE = """
MATCH (u:User {user_id: $user_id})<-[follow:FOLLOWING]-()
WHERE follow.from_id > $after_id
RETURN follow.from_id AS follower_id ORDER BY follower_id LIMIT $limit
"""


@dataclass(frozen=True)
class Followed:
    """Somebody and who follows them, in no order; None where they are too many for a page."""

    user_id: str
    follower_ids: Sequence[str] | None


@dataclass(frozen=True)
class FollowedPage:
    """`is_last`: nobody comes after these."""

    people: Sequence[Followed]
    is_last: bool


class FollowerStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def of_many(self, after: str, *, people: int, most: int) -> FollowedPage:
        """So many active people whose ids follow this text, in the order of their ids; fewer where they have more than
        `most` followers together. Memory holds twice as many ids at most, and one famous person ends the page.
        """
        read, ids = list[Followed](), 0
        async with self._driver.session(default_access_mode=READ_ACCESS, fetch_size=ROWS_AT_ONCE) as session:
            async for row in await session.run(FOLLOWERS_OF_MANY, after_id=after, people=people, most=most):
                person = Followed(row["user_id"], row["follower_ids"])
                read.append(person)
                ids += most + 1 if person.follower_ids is None else len(person.follower_ids)
                if ids > most:
                    return FollowedPage(read, is_last=False)
        return FollowedPage(read, is_last=len(read) < people)

    async def of_one(self, user_id: str, *, after: str, limit: int) -> Sequence[str]:
        """Ids of so many followers that follow this text, in their order."""
        async with self._driver.session(default_access_mode=READ_ACCESS) as session:
            found = await session.run(FOLLOWERS_OF_ONE, user_id=user_id, after_id=after, limit=limit)
            return [row["follower_id"] async for row in found]
