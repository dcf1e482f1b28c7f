"""The runbooks of the graph, run as written: relationships saved, data lost, all of it restored."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bson import ObjectId

from adapters.mongo.users.users import with_sync_intent
from adapters.resources import Resources
from devstack.stack import Stack
from domain.intents import IntentKind
from tests.support.accounts import make_account
from tests.support.id_ranges import IdRange
from tests.support.markdown_blocks import bash_blocks, run_bash
from tests.support.polling import eventually
from workflows.users.graph_sync import graph_sync_workflow_id

LOST = bash_blocks("runbooks/graph-lost.md")
DRIFT = bash_blocks("runbooks/graph-drift.md")
MISSING = bash_blocks("runbooks/snapshot-missing.md")

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(stack: Stack) -> Run:
    """Runs one block after the set-up of its page."""

    async def run(page: dict[str, str], name: str, **variables: str) -> str:
        return await run_bash(page["set-up"] + page[name], {"DECODE_RUN": str(stack.folder.root), **variables})

    return run


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Two users, one of whom follows the other."""
    island = IdRange(resources)
    await island.create_accounts(2)
    await island.project(1, 2)
    await island.follow(2, 1, at=7)
    yield island
    await island.remove_all()


async def lose(island: IdRange) -> None:
    """The graph has no node of the island."""
    statement = "MATCH (u:User) WHERE u.user_id STARTS WITH $prefix DETACH DELETE u"
    await island.resources.clients.neo4j.execute_query(statement, prefix=island.prefix)


async def test_lost_graph_is_written_anew_and_its_relationships_are_put_back(
    run: Run, island: IdRange, tmp_path: Path
) -> None:
    file = str(tmp_path / "relationships.jsonl")
    saved = await run(LOST, "save", FILE=file)
    await lose(island)

    rebuilt = await run(LOST, "rebuild")
    restored = await run(LOST, "restore", FILE=file)
    again = await run(LOST, "restore", FILE=file)

    assert f"relationships are in {file}." in saved
    assert '"last":null' in rebuilt
    assert (await island.resources.social.relationships.count_edges(island.id(1))).followers == 1
    assert await island.names() == ["Islander 1", "Islander 2"]
    assert "relationships were put back" in restored
    assert again.startswith("0 of ")


async def test_both_sides_are_counted(run: Run, island: IdRange) -> None:
    assert "accounts in MongoDB" in await run(LOST, "count")


async def test_comparison_is_asked_for_and_its_report_read(run: Run, island: IdRange, resources: Resources) -> None:
    await island.change(1, profile_version=2, username=["broken"])
    before = datetime.now(UTC)

    await run(DRIFT, "compare")

    async def is_reported() -> bool:
        newest = await resources.clients.database["graph_reports"].find_one({"at": {"$gte": before}})
        return newest is not None

    await eventually(is_reported, within=60)
    assert island.id(1) in await run(DRIFT, "reports")


async def test_account_that_is_set_aside_is_found_by_an_id(run: Run, resources: Resources) -> None:
    someone = await make_account(resources)
    user_id = someone.user["_id"]
    unreadable = with_sync_intent({"role": "emperor"}, datetime.now(UTC))
    await resources.clients.database["users"].update_one({"_id": ObjectId(user_id)}, unreadable)
    resources.intent_waker.wake(IntentKind.GRAPH_SYNC, user_id)
    workflow_id = graph_sync_workflow_id(resources.hashes.workflow_key(user_id))

    async def is_set_aside() -> bool:
        return f"{user_id} {workflow_id}" in await run(DRIFT, "aside")

    await eventually(is_set_aside)
    described = await run(DRIFT, "shard")
    terminated = await run(DRIFT, "terminate-shard")
    await resources.clients.database["users"].update_one(
        {"_id": ObjectId(user_id)}, with_sync_intent({"role": "user"}, datetime.now(UTC))
    )
    resources.intent_waker.wake(IntentKind.GRAPH_SYNC, user_id)

    async def is_synced() -> bool:
        return not await is_set_aside() and (await resources.operations.projected_nodes.versions([user_id])) == {
            user_id: 3
        }

    await eventually(is_synced)
    assert "IntentDrain" in described
    assert "terminated" in terminated.lower()


async def test_missing_day_is_taken_and_unreadable_accounts_are_reported(
    run: Run, island: IdRange, resources: Resources
) -> None:
    broken = "MATCH (:User {user_id: $a})-[f:FOLLOWING]->() SET f.from_id = 'garbage'"
    await resources.clients.neo4j.execute_query(broken, a=island.id(2))
    listed = await run(MISSING, "runs")

    await run(MISSING, "trigger")

    async def newest() -> str | None:
        lines = [line for line in (await run(MISSING, "runs")).splitlines() if "follower-snapshots" in line]
        return lines[0].split()[1] if lines and lines[0] not in listed and "Completed" in lines[0] else None

    result = await run(MISSING, "result", WORKFLOW_ID=await eventually(newest, within=60))
    today = datetime.now(UTC).date()
    assert island.id(1) in result
    assert len(await resources.social.growth.list_points(island.id(2), today, today)) == 1
    assert f"edge of {island.id(2)} garbage" in await run(MISSING, "person", USER_ID=str(ObjectId(island.id(1))))
