"""Search beside a search that finds nobody, in a graph of ten thousand, a hundred thousand and a million people.

`python -m bench.search [people …]`, against the stack of `make up`. The people are made up, straight in Neo4j, and
deleted at the end. Not part of `make bench`: a million people take minutes to come and go.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from neo4j import AsyncDriver

from adapters.neo4j.warm_up import warm_up
from adapters.resources import Resources, open_resources
from bench.timing import Call, milliseconds
from config.settings import load_settings
from devstack.stack import Stack
from domain.search import full_text_query

SIZES = (10_000, 100_000, 1_000_000)
MARK = "be4c" + "0" * 14
"""What their ids begin with, and no account's: those are keyed hashes or random."""
BATCH = 5_000
ROUNDS = 200
WARM_UP = 40

FIRST = """anna ben carla david emma felix greta hannah ivan julia karl lena maria nils olga paul quinn rosa simon tina
ulrich vera walter xenia yusuf zoe aaron bianca chris diana erik fatima george helen igor jana kevin laura martin nadia
oscar petra ralf sofia thomas ursula victor wanda yara zack alice bob charlie daniel eva frank gina hugo iris jack kate
liam mark mary max michael noah olivia peter rita sam tom uma vince will manuel magda matteo mia""".split()
LAST = """smith miller weber fischer meyer wagner becker hoffmann schulz koch bauer richter klein wolf neumann schwarz
braun zimmermann hartmann lange krause lehmann huber kaiser fuchs peters scholz lang weiss jung hahn keller vogel roth
frank berger winkler lorenz baumann albrecht ludwig winter kraus martinez schumacher kramer vogt stein jager otto gross
seidel heinrich brandt haas schreiber graf dietrich ziegler kuhn pohl engel horn busch bergmann sauer arnold""".split()

MAKE = "UNWIND $people AS person CREATE (u:User) SET u = person"
REMOVE = """
MATCH (u:User) WHERE u.user_id STARTS WITH $mark CALL (u) { DETACH DELETE u } IN TRANSACTIONS OF 10000 ROWS
"""


async def measure(resources: Resources, sizes: list[int]) -> AsyncIterator[dict[str, float]]:
    """p50 and p95 in milliseconds at each size, smallest first."""
    driver, made = resources.clients.neo4j, 0
    try:
        for size in sorted(sizes):
            await _grow(driver, made, size)
            made = size
            await warm_up(driver)
            yield {"people": size, **await _timed(resources)}
    finally:
        async with driver.session() as session:
            await (await session.run(REMOVE, mark=MARK)).consume()


async def _timed(resources: Resources) -> dict[str, float]:
    """What people type: each name letter by letter from the second on, whole usernames, and typos."""
    typed = list(_typed())
    random.Random(1).shuffle(typed)  # noqa: S311 - the same in each run
    await milliseconds([_search(resources, text) for text in typed[:WARM_UP]])
    taken = await milliseconds([_search(resources, text) for text in typed[:ROUNDS]])
    nobody = await milliseconds([_search(resources, "zzqqzzqq")] * WARM_UP)
    return {
        "p50": statistics.median(taken),
        "p95": statistics.quantiles(taken, n=20)[-1],
        "finds nobody, p50": statistics.median(nobody),
    }


def _search(resources: Resources, text: str) -> Call:
    search = full_text_query(text) or ""
    return lambda: resources.graph.search.find(search, caller_id=MARK, skip=0, after=None, limit=20)


def _typed() -> Iterator[str]:
    for number, first in enumerate(FIRST):
        last = LAST[number % len(LAST)]
        yield from (first[:length] for length in range(2, len(first) + 1))
        yield from (f"{first} {last[:2]}", last, f"{first}_{last}{number}", last[1] + last[0] + last[2:])


async def _grow(driver: AsyncDriver, made: int, size: int) -> None:
    names = random.Random(7 + made)  # noqa: S311 - the same in each run
    async with driver.session() as session:
        for first in range(made, size, BATCH):
            people = [_person(number, names) for number in range(first, min(first + BATCH, size))]
            await (await session.run(MAKE, people=people)).consume()


def _person(number: int, names: random.Random) -> dict[str, object]:
    first, last = names.choice(FIRST), names.choice(LAST)
    return {
        "user_id": f"{MARK}{number:06x}",
        "username": f"{first}_{last}{number}" if number % 2 else f"{first}{number}",
        "display_name": f"{first.title()} {last.title()}",
        "role": "user",
        "is_active": True,
        "profile_version": 1,
    }


async def _run(sizes: list[int]) -> None:
    async with open_resources(load_settings(), service="worker") as resources:
        async for figure in measure(resources, sizes):
            sys.stdout.write(json.dumps({name: round(value, 1) for name, value in figure.items()}) + "\n")
            sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--run", type=Path, default=Path(".run"), help="the run folder (default: .run)")
    parser.add_argument("people", nargs="*", type=int, default=SIZES)
    chosen = parser.parse_args()
    os.environ.update(Stack(chosen.run).environment())
    asyncio.run(_run(list(chosen.people)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
