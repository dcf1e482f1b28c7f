"""Followers for the daily snapshots: of many users at once, or of one user with many followers in pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from neo4j import READ_ACCESS, AsyncDriver

# The counts come first, from the node degrees alone: a page ends with the user whose followers bring the sum above
# `most`, and no list longer than `most` is read. The page is one row: each row of its own costs the driver a message.
FOLLOWERS_OF_MANY = """
MATCH (u:User) WHERE u.user_id > $after_id AND coalesce(u.is_active, true)
WITH u ORDER BY u.user_id LIMIT $people
WITH collect(u) AS found, collect(count { (u)<-[:FOLLOWING]-() }) AS numbers
WITH found, numbers, reduce(page = [0, 0], number IN numbers | CASE WHEN page[0] > $most THEN page
  ELSE [page[0] + CASE WHEN number > $most THEN $most + 1 ELSE number END, page[1] + 1] END)[1] AS fitting
RETURN fitting < size(found) OR size(found) = $people AS has_more, COLLECT {
  UNWIND range(0, fitting - 1) AS place
  WITH found[place] AS u, numbers[place] AS number
  RETURN [u.user_id, CASE WHEN number <= $most THEN
    COLLECT { MATCH (u)<-[follow:FOLLOWING]-() RETURN follow.from_id } END]
} AS people
"""

FOLLOWERS_OF_ONE = """
MATCH (u:User {user_id: $user_id})<-[follow:FOLLOWING]-()
WHERE follow.from_id > $after_id
RETURN follow.from_id AS follower_id ORDER BY follower_id LIMIT $limit
"""


@dataclass(frozen=True)
class UserFollowers:
    """A user and the ids of their followers, unordered; None when they are too many for a page."""

    user_id: str
    follower_ids: Sequence[str] | None


@dataclass(frozen=True)
class UserFollowersPage:
    """A page of users, in the order of ids. `is_last`: no users follow after it."""

    people: Sequence[UserFollowers]
    is_last: bool


class FollowerStore:
    """Reads followers in bulk. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def page_users(self, after: str, *, limit: int, max_followers: int) -> UserFollowersPage:
        """Return up to `limit` active users with ids above `after`, in the order of ids; fewer when together they have
        more than `max_followers` followers. A page holds at most twice that many follower ids, and a user with more
        than `max_followers` ends it.
        """
        async with self._driver.session(default_access_mode=READ_ACCESS) as session:
            result = await session.run(FOLLOWERS_OF_MANY, after_id=after, people=limit, most=max_followers)
            page = await result.single(strict=True)
        return UserFollowersPage([UserFollowers(*person) for person in page["people"]], is_last=not page["has_more"])

    async def page_followers(self, user_id: str, *, after: str, limit: int) -> Sequence[str]:
        """Return up to `limit` ids of the user's followers above `after`, in ascending order."""
        async with self._driver.session(default_access_mode=READ_ACCESS) as session:
            result = await session.run(FOLLOWERS_OF_ONE, user_id=user_id, after_id=after, limit=limit)
            return [row["follower_id"] async for row in result]
