"""User search in the full-text index over names: one statement for a page with all its flags."""

from neo4j import AsyncDriver, Record

from adapters.neo4j.client import read_one
from adapters.neo4j.social.person_rows import LIMITS, ROWS, person_row
from adapters.neo4j.social.relationships import NO_USER_ID
from domain.paging import Page
from domain.social.relationships import PersonRow
from domain.social.search import MAX_RANKED, NO_RESULTS, MatchRank, SearchCursor, format_search_cursor

# `score` is the sum of the weights of `MatchRank`. One hit more than $reach is read, to detect that there are more.
FIND_PEOPLE = (
    """
OPTIONAL MATCH (me:User {user_id: $caller_id})
WITH me, COLLECT { MATCH (me)-[:BLOCKED]-(other:User) RETURN other } AS blocked
CALL db.index.fulltext.queryNodes('user_names', $search, {limit: $reach + 1}) YIELD node AS user, score
WITH me, user, user.is_active AND NOT user IN blocked AS is_shown,
  CASE WHEN score >= 8 THEN 8 WHEN score >= 4 THEN 4 WHEN score >= 2 THEN 2 ELSE 0 END AS fit
ORDER BY fit DESC, user.user_id
WITH me, count(*) AS hits, collect(CASE WHEN is_shown THEN {user: user, mark: {fit: fit}} END)[..$reach] AS people
WITH me, hits, size(people) AS total,
  CASE WHEN $after_id = $no_user_id THEN people[$skip..$skip + $limit + 1] ELSE
    [one IN people
      WHERE one.mark.fit < $after_fit OR one.mark.fit = $after_fit AND one.user.user_id > $after_id][..$limit + 1]
  END AS page
"""
    + ROWS
    + "RETURN hits, total, rows"
)


class SearchStore:
    """Searches users by name. Raises ServiceUnavailable on a timeout, and the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def find(
        self, search: str, *, caller_id: str, skip: int, after: SearchCursor | None, limit: int
    ) -> Page[PersonRow]:
        """Return users whose names match the Lucene query `search`, best first, then by id.

        Excluded: deactivated users and blocks in either direction. At most MAX_RANKED hits are ranked.
        """
        record = await read_one(
            self._driver,
            FIND_PEOPLE,
            search=search,
            caller_id=caller_id,
            reach=MAX_RANKED,
            no_user_id=NO_USER_ID,
            skip=skip,
            limit=limit,
            after_fit=after.rank if after else 0,
            after_id=after.user_id if after else NO_USER_ID,
            **LIMITS,
        )
        return _page(record, limit) if record else NO_RESULTS


def _page(record: Record, limit: int) -> Page[PersonRow]:
    rows = record["rows"][:limit]
    has_more = len(record["rows"]) > limit
    last = rows[-1] if has_more else None
    is_capped = record["hits"] > MAX_RANKED
    return Page(
        rows=[person_row(row) for row in rows],
        total=MAX_RANKED if is_capped else record["total"],
        is_capped=is_capped,
        next_cursor=format_search_cursor(SearchCursor(MatchRank(last["mark"]["fit"]), last["face"]["user_id"]))
        if last
        else None,
    )
