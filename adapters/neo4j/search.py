"""Search for people in the full-text index over their names: one statement for a page with all its flags."""

from neo4j import AsyncDriver, Record

from adapters.neo4j.client import read_one
from adapters.neo4j.ties import FACE, NOBODY, TIES, face_from
from domain.paging import PageOf
from domain.search import FOUND_NOBODY, REACH, Fit, Place, written_place
from domain.ties import PersonRow, Ties

# `score` is the sum of the weights of `Fit`. One more than REACH is asked for, to know of more.
FIND_PEOPLE = (
    """
OPTIONAL MATCH (me:User {user_id: $caller_id})
WITH me, COLLECT { MATCH (me)-[:BLOCKED]-(other:User) RETURN other } AS blocked
CALL db.index.fulltext.queryNodes('user_names', $search, {limit: $reach + 1}) YIELD node AS user, score
WITH me, user, user.is_active AND NOT user IN blocked AS is_shown,
  CASE WHEN score >= 8 THEN 8 WHEN score >= 4 THEN 4 WHEN score >= 2 THEN 2 ELSE 0 END AS fit
ORDER BY fit DESC, user.user_id
WITH me, count(*) AS hits, collect(CASE WHEN is_shown THEN {user: user, fit: fit} END) AS people
WITH me, hits, people,
  CASE WHEN $after_id = $nobody THEN people[$skip..$skip + $limit + 1] ELSE
    [row IN people WHERE row.fit < $after_fit OR row.fit = $after_fit AND row.user.user_id > $after_id][..$limit + 1]
  END AS page
RETURN hits, size(people) AS total, COLLECT {
  UNWIND page AS row
  WITH me, row.user AS user, row.fit AS fit
  ORDER BY fit DESC, user.user_id
  RETURN {fit: fit, face: user {"""
    + FACE
    + "}, ties: {"
    + TIES
    + """}}
} AS rows
"""
)


class SearchStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def find(
        self, search: str, *, caller_id: str, skip: int, after: Place | None, limit: int
    ) -> PageOf[PersonRow]:
        """People whose names fit, best first, then by id; nobody deactivated, and no two who block each other."""
        record = await read_one(
            self._driver,
            FIND_PEOPLE,
            search=search,
            caller_id=caller_id,
            reach=REACH,
            nobody=NOBODY,
            skip=skip,
            limit=limit,
            after_fit=after.fit if after else 0,
            after_id=after.user_id if after else NOBODY,
        )
        return _found(record, limit) if record else FOUND_NOBODY


def _found(record: Record, limit: int) -> PageOf[PersonRow]:
    rows = record["rows"][:limit]
    has_more = len(record["rows"]) > limit
    last = rows[-1] if has_more else None
    is_capped = record["hits"] > REACH
    return PageOf(
        rows=[(face_from(row["face"]), Ties(**row["ties"])) for row in rows],
        total=REACH if is_capped else record["total"],
        is_capped=is_capped,
        next_cursor=written_place(Place(Fit(last["fit"]), last["face"]["user_id"])) if last else None,
    )
