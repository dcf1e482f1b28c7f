"""Realistic follow graphs, generated from a seed: a few users have very many followers, most have few.

The number of followees is drawn from a Pareto distribution, the followees by Zipf's law: user 0 is the most popular
one, the last the least. The same plan gives the same graph, edge by edge. Memory holds one number per user and one
batch of edges.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, LiteralString

from bson import ObjectId
from neo4j import AsyncDriver

from adapters.mongo.client import Database

ID_PREFIX = "be4d" + "0" * 12
"""The prefix of generated user ids. Real ids do not have it: those are keyed hashes or random."""
PEOPLE_AT_ONCE = 5_000
EDGES_AT_ONCE = 20_000

POPULARITY = 0.7
"""The weight at rank r is (r + 1) ** -0.7: degrees then fall off with an exponent of 2.4, as in real networks."""
ACTIVITY = 1.5
MAX_OUT_DEGREE_FACTOR = 100
"""The highest number of followees, as a multiple of the lowest; half of all users is the other limit."""
LATEST_MS = 1_767_225_600_000
SPAN_MS = 3 * 365 * 24 * 3600 * 1000
MAX_INTERESTS = 8

MAKE_PEOPLE = "UNWIND $rows AS row CREATE (u:User) SET u = row"
MAKE_FOLLOWS = """
UNWIND $rows AS row
MATCH (from:User {user_id: row.from_id})
UNWIND row.to AS to
MATCH (other:User {user_id: to.id})
CREATE (from)-[:FOLLOWING {from_id: row.from_id, to_id: to.id, created_at: to.at}]->(other)
"""
MAKE_INTERESTS = """
UNWIND $rows AS row
MATCH (u:User {user_id: row.user_id})
UNWIND row.keys AS key
MERGE (interest:Interest {key: key})
CREATE (u)-[:INTERESTS {created_at: row.at}]->(interest)
"""
# In small transactions: one user may have a million edges.
REMOVE = """
MATCH (u:User) WHERE u.user_id STARTS WITH $mark
CALL (u) { MATCH (u)-[edge]-() DELETE edge } IN TRANSACTIONS OF 100 ROWS
"""
REMOVE_PEOPLE = """
MATCH (u:User) WHERE u.user_id STARTS WITH $mark CALL (u) { DELETE u } IN TRANSACTIONS OF 10000 ROWS
"""


@dataclass(frozen=True)
class Plan:
    """The graph to generate: about `follows` edges among `people` users, and a few of `interests` for each."""

    people: int
    follows: int
    interests: Sequence[str] = ()
    seed: int = 1


def person_id(number: int) -> str:
    return f"{ID_PREFIX}{number:08x}"


def person(number: int) -> dict[str, Any]:
    """Return the properties of a user's node."""
    return {
        "user_id": person_id(number),
        "username": f"person_{number}",
        "display_name": f"Person {number}",
        "role": "user",
        "is_active": True,
        "profile_version": 1,
    }


def follows(plan: Plan) -> Iterator[tuple[int, list[int]]]:
    """Yield each user's number with the sorted numbers of its followees, without duplicates or itself."""
    rng = random.Random(plan.seed)  # noqa: S311 - the same in each run
    popularity = list(accumulate((rank + 1) ** -POPULARITY for rank in range(plan.people)))
    for number, count in enumerate(_out_degrees(plan, rng)):
        chosen: set[int] = set()
        while len(chosen) < count:
            chosen.update(rng.choices(range(plan.people), cum_weights=popularity, k=count - len(chosen)))
            chosen.discard(number)
        yield number, sorted(chosen)


def _out_degrees(plan: Plan, rng: random.Random) -> Iterator[int]:
    activity = [min(rng.paretovariate(ACTIVITY), MAX_OUT_DEGREE_FACTOR) for _ in range(plan.people)]
    share, remainder = plan.follows / sum(activity), 0.0
    for weight in activity:
        remainder += weight * share
        count = min(int(remainder), plan.people // 2)
        remainder -= count
        yield count


def account(number: int) -> dict[str, Any]:
    """Return the user's account document, with the fields that the graph projects."""
    name = f"person_{number}"
    unique = {"_id": ObjectId(person_id(number)), "username_key": name, "email_key": f"{name}@people.test"}
    return {**person(number), **unique, "avatar_ipfs_hash": None}


async def load(driver: AsyncDriver, plan: Plan) -> int:
    """Write the graph to the database, which needs an index on `User.user_id`. Returns the number of follow edges."""
    all_numbers = range(plan.people)
    for first in all_numbers[::PEOPLE_AT_ONCE]:
        await _write(driver, MAKE_PEOPLE, [person(number) for number in all_numbers[first : first + PEOPLE_AT_ONCE]])
    return await load_edges(driver, plan)


async def load_edges(driver: AsyncDriver, plan: Plan) -> int:
    """Write only the edges, between existing nodes. Returns the number of follow edges."""
    if plan.interests:
        await _load_interests(driver, plan)
    return await _load_follows(driver, plan)


async def load_accounts(database: Database, plan: Plan) -> None:
    """Write the users' accounts, without open graph syncs."""
    all_numbers = range(plan.people)
    for first in all_numbers[::PEOPLE_AT_ONCE]:
        numbers = all_numbers[first : first + PEOPLE_AT_ONCE]
        await database["users"].insert_many([account(number) for number in numbers])


async def remove(driver: AsyncDriver) -> None:
    """Delete all that `load` has written."""
    async with driver.session() as session:
        await (await session.run(REMOVE, mark=ID_PREFIX)).consume()
        await (await session.run(REMOVE_PEOPLE, mark=ID_PREFIX)).consume()


async def _load_follows(driver: AsyncDriver, plan: Plan) -> int:
    rng = random.Random(plan.seed + 1)  # noqa: S311 - the same in each run
    made, waiting = 0, 0
    rows: list[dict[str, Any]] = []
    for number, followed in follows(plan):
        edges = [{"id": person_id(other), "at": LATEST_MS - rng.randrange(SPAN_MS)} for other in followed]
        rows.append({"from_id": person_id(number), "to": edges})
        waiting += len(edges)
        if waiting >= EDGES_AT_ONCE:
            await _write(driver, MAKE_FOLLOWS, rows)
            rows, made, waiting = [], made + waiting, 0
    await _write(driver, MAKE_FOLLOWS, rows)
    return made + waiting


async def _load_interests(driver: AsyncDriver, plan: Plan) -> None:
    rng = random.Random(plan.seed + 2)  # noqa: S311 - the same in each run
    most = min(MAX_INTERESTS, len(plan.interests))
    rows: list[dict[str, Any]] = []
    for number in range(plan.people):
        keys = rng.sample(list(plan.interests), rng.randrange(most + 1))
        rows.append({"user_id": person_id(number), "keys": keys, "at": LATEST_MS - rng.randrange(SPAN_MS)})
        if len(rows) == PEOPLE_AT_ONCE:
            await _write(driver, MAKE_INTERESTS, rows)
            rows = []
    await _write(driver, MAKE_INTERESTS, rows)


async def _write(driver: AsyncDriver, statement: LiteralString, rows: Sequence[dict[str, Any]]) -> None:
    async with driver.session() as session:
        await (await session.run(statement, rows=rows)).consume()
