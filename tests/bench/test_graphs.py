"""Generated graphs have a realistic degree distribution, are reproducible by seed, and can be removed."""

from collections import Counter

from adapters.neo4j.client import ensure_constraints
from adapters.resources import Resources
from bench import graphs
from bench.graphs import ID_PREFIX, Plan, follows, person_id

SMALL = Plan(people=300, follows=3_000, interests=("books", "chess", "music"))
COUNT = """
MATCH (u:User) WHERE u.user_id STARTS WITH $mark
OPTIONAL MATCH (u)-[edge:FOLLOWING]->()
RETURN count(DISTINCT u) AS people, count(edge) AS edges
"""


async def counted(resources: Resources) -> tuple[int, int]:
    record = (await resources.clients.neo4j.execute_query(COUNT, mark=ID_PREFIX)).records[0]
    return record["people"], record["edges"]


def test_same_seed_is_the_same_graph() -> None:
    assert list(follows(SMALL)) == list(follows(SMALL))


def test_another_seed_is_another_graph() -> None:
    assert list(follows(SMALL)) != list(follows(Plan(people=300, follows=3_000, seed=2)))


def test_no_user_follows_another_twice_or_themselves() -> None:
    made = list(follows(SMALL))

    assert [len(set(followed)) for _, followed in made] == [len(followed) for _, followed in made]
    assert not [number for number, followed in made if number in followed]


def test_number_of_follows_is_close_to_the_plan() -> None:
    assert 2_950 <= sum(len(followed) for _, followed in follows(SMALL)) <= 3_000


def test_few_users_have_most_of_the_followers() -> None:
    followers = Counter(other for _, followed in follows(Plan(people=2_000, follows=40_000)) for other in followed)

    in_order = sorted(followers.values(), reverse=True)
    assert sum(in_order[:20]) > 0.1 * sum(in_order)
    assert in_order[1_000] < 20


async def test_loaded_graph_matches_the_plan_and_is_removed_whole(resources: Resources) -> None:
    await ensure_constraints(resources.clients.neo4j)
    try:
        made = await graphs.load(resources.clients.neo4j, SMALL)
        there = await counted(resources)
        edges = await resources.social.relationships.count_edges(person_id(0))
    finally:
        await graphs.remove(resources.clients.neo4j)

    assert there == (300, made)
    assert edges.followers == sum(0 in followed for _, followed in follows(SMALL))
    assert await counted(resources) == (0, 0)
