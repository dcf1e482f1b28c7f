"""Counts of edges that are asked for together: each user's own."""

import asyncio

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.relationships import make_follow


async def test_counts_asked_for_together_are_each_users_own(resources: Resources) -> None:
    ann, bob, eve = [await make_account(resources) for _ in range(3)]
    await make_follow(resources, ann, bob)
    await make_follow(resources, ann, eve)
    await make_follow(resources, eve, bob)
    ids = [ann.user["_id"], bob.user["_id"], "0" * 24, eve.user["_id"], ann.user["_id"]]

    counts = await asyncio.gather(*map(resources.social.relationships.count_edges, ids))

    assert [(each.following, each.followers) for each in counts] == [(2, 0), (0, 2), (0, 0), (1, 1), (2, 0)]
