"""Filtered lists of users: matches are collected first, then counted, sorted and cut to a page."""

from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.social.lists import read_page
from adapters.neo4j.social.person_rows import ROWS
from adapters.neo4j.social.relationships import LIMITS as MUTUAL_LIMITS
from adapters.neo4j.social.relationships import MUTUAL
from domain.paging import Page, PageRequest
from domain.social.relationships import MAX_SEARCHED, PersonRow

# A page of `found`, a list of {user, at, id}; newest edge first.
PAGE_OF_FOUND = (
    """
WITH me, is_hidden, is_capped, size(found) AS total, COLLECT {
  UNWIND found AS one
  WITH one.user AS user, one.at AS at, one.id AS id
  WHERE at < $until OR at = $until AND id < $before_id
  WITH user, at, id ORDER BY at DESC, id DESC SKIP $skip LIMIT $limit + 1
  RETURN {user: user, mark: {at: at, id: id}}
} AS page
"""
    + ROWS
    + "RETURN is_hidden, is_capped, total, rows"
)

LIST_MUTUAL = (
    """
OPTIONAL MATCH (me:User {user_id: $caller_id})
OPTIONAL MATCH (user:User {user_id: $other_id})
"""
    + MUTUAL
    + """
WITH me, EXISTS { ()-[:BLOCKED {from_id: $other_id, to_id: $caller_id}]->() } AS is_hidden, false AS is_capped,
  COLLECT {
  UNWIND mutual AS friend
  MATCH ()-[edge:FOLLOWING {from_id: $caller_id, to_id: friend.user_id}]->()
  RETURN {user: friend, at: edge.created_at, id: edge.to_id}
} AS found
"""
    + PAGE_OF_FOUND
)

# Each letter in lower case by itself, as in the index and in domain/social/index_words.py. toLower() alone makes two
# letters of `İ`, and another letter of `Σ` at the end of a word.
HAS_TEXT: LiteralString = """
  WHERE user.is_active
    AND (toLower(user.username) CONTAINS $asked.text
      OR replace(replace(toLower(user.display_name), 'i\u0307', 'i'), '\u03c2', '\u03c3') CONTAINS $asked.text)
"""

# Only the newest $reach edges, so that the cost does not grow with the list. The text is passed in a map: otherwise a
# plan is cached for texts of one length only (5.26, measured).
FIND_FOLLOWERS = (
    """
OPTIONAL MATCH (me:User {user_id: $caller_id})
WITH me, false AS is_hidden, count { (me)<-[:FOLLOWING]-() } > $reach AS is_capped, COLLECT {
  MATCH (user)-[edge:FOLLOWING]->()
  USING INDEX edge:FOLLOWING(to_id, created_at, from_id)
  WHERE edge.to_id = $caller_id AND edge.created_at IS NOT NULL AND edge.from_id IS NOT NULL
  WITH user, edge ORDER BY edge.to_id DESC, edge.created_at DESC, edge.from_id DESC LIMIT $reach"""
    + HAS_TEXT
    + """
  RETURN {user: user, at: edge.created_at, id: edge.from_id}
} AS found
"""
    + PAGE_OF_FOUND
)
FIND_FOLLOWINGS = (
    """
OPTIONAL MATCH (me:User {user_id: $caller_id})
WITH me, false AS is_hidden, count { (me)-[:FOLLOWING]->() } > $reach AS is_capped, COLLECT {
  MATCH ()-[edge:FOLLOWING]->(user)
  USING INDEX edge:FOLLOWING(from_id, created_at, to_id)
  WHERE edge.from_id = $caller_id AND edge.created_at IS NOT NULL AND edge.to_id IS NOT NULL
  WITH user, edge ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC LIMIT $reach"""
    + HAS_TEXT
    + """
  RETURN {user: user, at: edge.created_at, id: edge.to_id}
} AS found
"""
    + PAGE_OF_FOUND
)


class ListSearchStore:
    """Reads mutual followers and searches the caller's lists. Raises ServiceUnavailable on a timeout."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list_mutual_followers(
        self, other_id: str, *, caller_id: str, page_request: PageRequest
    ) -> Page[PersonRow]:
        """Return users whom the caller follows and who follow `other_id`, the caller's newest follow first.

        Raises UserNotFound when `other_id` blocks the caller.
        """
        values = {"other_id": other_id, "caller_id": caller_id, **MUTUAL_LIMITS}
        return await read_page(self._driver, LIST_MUTUAL, page_request, **values)

    async def find_followers(self, text: str, *, caller_id: str, page_request: PageRequest) -> Page[PersonRow]:
        """Return the caller's followers with `text`, folded, in their username or display name."""
        return await self._find(FIND_FOLLOWERS, text, caller_id, page_request)

    async def find_followings(self, text: str, *, caller_id: str, page_request: PageRequest) -> Page[PersonRow]:
        """Return users the caller follows with `text`, folded, in their username or display name."""
        return await self._find(FIND_FOLLOWINGS, text, caller_id, page_request)

    async def _find(
        self, statement: LiteralString, text: str, caller_id: str, page_request: PageRequest
    ) -> Page[PersonRow]:
        asked = {"text": text.replace("i\u0307", "i").replace("\u03c2", "\u03c3")}
        return await read_page(
            self._driver, statement, page_request, asked=asked, caller_id=caller_id, reach=MAX_SEARCHED
        )
