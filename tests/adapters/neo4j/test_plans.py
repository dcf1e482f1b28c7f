"""Every statement of the graph begins at an index: no plan scans all nodes or edges, or has a Cartesian product."""

import pkgutil
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib import import_module
from typing import Any, LiteralString

import pytest
from neo4j import AsyncDriver
from neo4j.exceptions import CypherSyntaxError

import adapters.neo4j
from adapters.neo4j.social import person_rows as rows
from adapters.neo4j.social import relationships as ties
from adapters.neo4j.social.lists import page_parameters
from adapters.neo4j.social.suggestions import BOUNDS
from adapters.resources import Resources
from domain.paging import PageRequest

MARK = "91a5"
"""What the ids of the crowd begin with, and no account's."""
ONE, OTHER = f"{MARK}{'0' * 19}1", f"{MARK}{'0' * 19}2"

# A graph in which a scan would cost more than an index, as in every real one.
CROWD = """
UNWIND range(0, 399) AS n
WITH n, $mark + right('0000000000000000000' + toString(n), 20) AS id
CREATE (u:User {user_id: id, username: 'plan_' + toString(n), display_name: 'Plan', role: 'user', is_active: true})
WITH collect(u) AS people
UNWIND range(0, 399) AS n
UNWIND range(1, 8) AS step
WITH people[n] AS a, people[(n + step * step) % 400] AS b, step
CREATE (a)-[:FOLLOWING {from_id: a.user_id, to_id: b.user_id, created_at: step}]->(b)
WITH a, b, step WHERE step = 8
CREATE (b)-[:FOLLOWING_PAUSED {from_id: b.user_id, to_id: a.user_id, created_at: step}]->(a)
CREATE (b)-[:BLOCKED {from_id: b.user_id, to_id: a.user_id, created_at: step}]->(a)
CREATE (b)-[:DISMISSED {from_id: b.user_id, to_id: a.user_id, until: step}]->(a)
MERGE (interest:Interest {key: 'ai'})
CREATE (a)-[:INTERESTS {created_at: step}]->(interest)
"""
NO_CROWD = "MATCH (u:User) WHERE u.user_id STARTS WITH $mark DETACH DELETE u"

PAIR = {"from_id": ONE, "to_id": OTHER}
VALUES: Mapping[str, Any] = {
    **page_parameters(PageRequest(20)),
    **BOUNDS,
    **ties.LIMITS,
    **rows.LIMITS,
    **dict.fromkeys(("user_id", "caller_id", "from_id", "lower", "after_id", "no_user_id"), ONE),
    **dict.fromkeys(("owner_id", "to_id", "higher", "other_id"), OTHER),
    **dict.fromkeys(("at", "now"), 1_800_000_000_000),
    **dict.fromkeys(("request_id", "key_id"), "an-id"),
    "user_ids": [ONE, OTHER],
    "run": {"user_ids": [ONE, OTHER]},
    "keys": ["ai", "defi"],
    "search": "username:plan*",
    "asked": {"text": "plan"},
    "after": {"shared": 99, "username": ""},
    "after_fit": 0,
    "until": 1_900_000_000_000,
    "reach": 10_000,
    "candidates": 2_000,
    "start": 0,
    "end": 20,
    "before": 1_900_000_000_000,
    "follows": [[ONE, 1]],
    "edges": [[OTHER, ONE, 1]],
    "suffixes": ["00"],
    "people": 20,
    "most": 1_000,
    "users": [{"user_id": ONE, "profile_version": 9}, {"user_id": OTHER, "profile_version": 9}],
    "rows": [PAIR | {"lower": ONE, "higher": OTHER, "facts": {}}],
}
"""One for each name that a statement asks for: the same name means the same everywhere."""

BEGINNINGS = {
    "NodeUniqueIndexSeek",
    "NodeUniqueIndexSeek(Locking)",
    "NodeUniqueIndexSeekByRange",
    "DirectedRelationshipIndexSeek",
    "DirectedRelationshipIndexSeekByRange",
    "DirectedRelationshipUniqueIndexSeek",
    "DirectedRelationshipUniqueIndexSeek(Locking)",
    "ProcedureCall",
    "Argument",
    "Unwind",
    "EmptyRow",
}
"""Where a branch of a plan may begin: at an index, the full-text one too, at what is known already, or at a value."""


def texts() -> Iterator[tuple[str, str]]:
    """Every constant of the graph's stores that may be a statement, with its name."""
    for module in pkgutil.walk_packages(adapters.neo4j.__path__, "adapters.neo4j."):
        for name, value in vars(import_module(module.name)).items():
            whole = value if isinstance(value, Mapping) else {"": value}
            noun = module.name.rpartition(".")[2]
            named = {f"{noun}.{name} {key}".strip(): text for key, text in whole.items()}
            yield from ((where, text) for where, text in named.items() if name.isupper() and isinstance(text, str))


async def plan_of(driver: AsyncDriver, text: LiteralString) -> dict[str, Any] | None:
    """Run it as the product does, then roll back its writes. None: it is no statement, but a part of others."""
    async with driver.session() as session:
        transaction = await session.begin_transaction()
        try:
            result = await transaction.run(f"PROFILE {text}", dict(VALUES))
            await result.to_eager_result()
            return (await result.consume()).profile
        except CypherSyntaxError:
            return None
        finally:
            await transaction.close()


def faults(plan: dict[str, Any]) -> set[str]:
    """Operators with which no branch may begin, and those that join all to all."""
    operator, children = plan["operatorType"].partition("@")[0], plan.get("children", [])
    is_fault = operator == "CartesianProduct" or not (children or operator in BEGINNINGS)
    return ({operator} if is_fault else set()).union(*map(faults, children))


@pytest.fixture(scope="module")
async def crowd(resources: Resources) -> AsyncIterator[AsyncDriver]:
    driver = resources.clients.neo4j
    await driver.execute_query(CROWD, mark=MARK)
    # The planner believes in its last count of each index, by which the crowd is not there yet.
    await driver.execute_query("CALL db.prepareForReplanning()")
    yield driver
    await driver.execute_query(NO_CROWD, mark=MARK)


async def test_every_statement_begins_at_an_index(crowd: AsyncDriver) -> None:
    plans = {name: await plan_of(crowd, text) for text, name in {text: name for name, text in texts()}.items()}

    assert {name: found for name, plan in plans.items() if plan and (found := faults(plan))} == {}
    assert sum(plan is not None for plan in plans.values()) > 45


@pytest.mark.parametrize(
    "name", ["follows.FOLLOW", "lists.FOLLOWERS", "erasure.ERASE_NODE", "personal_edges.STATEMENTS blocked"]
)
async def test_statements_are_found(crowd: AsyncDriver, name: str) -> None:
    assert await plan_of(crowd, dict(texts())[name]) is not None


@pytest.mark.parametrize(
    "scan",
    [
        "MATCH (n) RETURN count(n.user_id)",
        "MATCH (u:User) WHERE u.is_active RETURN u",
        "MATCH ()-[f:FOLLOWING]->() RETURN count(f.to_id)",
        "MATCH (a:User {user_id: $from_id}), (b:User {user_id: $to_id}) RETURN a, b",
    ],
)
async def test_scans_and_joins_are_noticed(crowd: AsyncDriver, scan: LiteralString) -> None:
    plan = await plan_of(crowd, scan)

    assert plan is not None
    assert faults(plan) != set()
