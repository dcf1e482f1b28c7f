"""Users added to a generated graph: some with very many followers, and some who request suggestions."""

import random
from collections.abc import Mapping, Sequence
from itertools import accumulate

from neo4j import AsyncDriver

from bench.graphs import (
    LATEST_MS,
    MAKE_FOLLOWS,
    MAKE_INTERESTS,
    MAKE_PEOPLE,
    PEOPLE_AT_ONCE,
    POPULARITY,
    Plan,
    person,
    person_id,
)
from domain.social.interests import Interest

INTERESTS_PER_USER = 5


async def make_popular_users(
    driver: AsyncDriver, first: int, follower_counts: Sequence[int]
) -> tuple[Sequence[int], int]:
    """Write users with these numbers of followers. Returns their numbers, from `first` on, and the next free number.

    `follower_counts` ascends: a follower of one of them also follows all those after it.
    """
    popular, after = range(first, first + len(follower_counts)), first + len(follower_counts) + follower_counts[-1]
    await _make_people(driver, popular)
    for start in range(0, follower_counts[-1], PEOPLE_AT_ONCE):
        places = range(start, min(start + PEOPLE_AT_ONCE, follower_counts[-1]))
        await _make_people(driver, [popular[-1] + 1 + place for place in places])
        followed = {
            popular[-1] + 1 + place: [*popular[sum(place >= size for size in follower_counts) :]] for place in places
        }
        await _make_follows(driver, followed)
    return popular, after


async def make_callers(driver: AsyncDriver, plan: Plan, first: int, *, number: int, followees: int) -> Sequence[int]:
    """Write users who follow `followees` users of the plan, popular ones preferred, and have interests.

    Returns their numbers, from `first` on.
    """
    callers = range(first, first + number)
    rng = random.Random(plan.seed + 3)  # noqa: S311 - the same in each run
    popularity = list(accumulate((rank + 1) ** -POPULARITY for rank in range(plan.people)))
    await _make_people(driver, callers)
    for caller in callers:
        chosen: set[int] = set()
        while len(chosen) < min(followees, plan.people // 4):
            chosen.update(rng.choices(range(plan.people), cum_weights=popularity, k=followees - len(chosen)))
        await _make_follows(driver, {caller: sorted(chosen)})
        row = {"user_id": person_id(caller), "keys": rng.sample(list(Interest), INTERESTS_PER_USER), "at": LATEST_MS}
        await driver.execute_query(MAKE_INTERESTS, rows=[row])
    return callers


async def _make_people(driver: AsyncDriver, numbers: Sequence[int]) -> None:
    await driver.execute_query(MAKE_PEOPLE, rows=[person(number) for number in numbers])


async def _make_follows(driver: AsyncDriver, followed: Mapping[int, Sequence[int]]) -> None:
    rows = [
        {"from_id": person_id(one), "to": [{"id": person_id(other), "at": LATEST_MS - one - other} for other in others]}
        for one, others in followed.items()
    ]
    await driver.execute_query(MAKE_FOLLOWS, rows=rows)
