"""Search among 100,000 users and among a million: `python -m bench.search [fewer more]`.

On its own stack with a large Neo4j. The users are generated, directly in Neo4j.
"""

import argparse
import asyncio
import random
import statistics
import sys
from collections.abc import Iterator, Sequence

from neo4j import AsyncDriver

from adapters.neo4j.social.plan_warm_up import warm_up
from adapters.resources import Resources, open_resources
from bench.bench_stack import large_stack, running
from bench.figure import Figure, Limit, at_most, at_most_times
from bench.report import plain_row
from bench.timing import Call, milliseconds
from config.settings import load_settings
from domain.social.search import full_text_query

SIZES = (100_000, 1_000_000)
QUICK_SIZES = (10_000, 100_000)
ID_PREFIX = "be4c" + "0" * 14
BATCH = 5_000
ROUNDS = 300
P95_MS = 50.0

FIRST = """anna ben carla david emma felix greta hannah ivan julia karl lena maria nils olga paul quinn rosa simon tina
ulrich vera walter xenia yusuf zoe aaron bianca chris diana erik fatima george helen igor jana kevin laura martin nadia
oscar petra ralf sofia thomas ursula victor wanda yara zack alice bob charlie daniel eva frank gina hugo iris jack kate
liam mark mary max michael noah olivia peter rita sam tom uma vince will manuel magda matteo mia""".split()
LAST = """smith miller weber fischer meyer wagner becker hoffmann schulz koch bauer richter klein wolf neumann schwarz
braun zimmermann hartmann lange krause lehmann huber kaiser fuchs peters scholz lang weiss jung hahn keller vogel roth
frank berger winkler lorenz baumann albrecht ludwig winter kraus martinez schumacher kramer vogt stein jager otto gross
seidel heinrich brandt haas schreiber graf dietrich ziegler kuhn pohl engel horn busch bergmann sauer arnold""".split()

MAKE = "UNWIND $people AS person CREATE (u:User) SET u = person"


def measure(is_quick: bool) -> Sequence[Figure]:
    """Measure the sizes of the report, or small ones."""
    return figures(QUICK_SIZES if is_quick else SIZES)


def figures(sizes: Sequence[int] = SIZES) -> Sequence[Figure]:
    """Start the stack, write the users, measure, and delete everything."""
    with running(large_stack("bench-search")):
        return asyncio.run(_figures(*sizes))


async def _figures(fewer: int, more: int) -> Sequence[Figure]:
    async with open_resources(load_settings(), service="worker") as resources:
        await _grow(resources.clients.neo4j, 0, fewer)
        short = await _p95(resources)
        await _grow(resources.clients.neo4j, fewer, more)
        long = await _p95(resources)
    return [
        Figure(
            what=f"search among {fewer} people, p95",
            ours=short,
            unit="ms",
            want=at_most(P95_MS),
            because="Lucene: two typed letters match a large share of all, and each match is scored.",
        ),
        Figure(
            what=f"search among {more} people, p95",
            ours=long,
            unit="ms",
            limit=Limit(f"the same among {fewer}", short),
            want=at_most_times(1.2),
            because="the matches of two typed letters grow with the people, and so does their scoring.",
        ),
    ]


async def _p95(resources: Resources) -> float:
    """Return the p95 in milliseconds over typical search texts, in a second pass with warm caches."""
    await warm_up(resources.clients.neo4j)
    typed = list(_typed())
    random.Random(1).shuffle(typed)  # noqa: S311 - the same in each run
    calls = [_search(resources, text) for text in typed[:ROUNDS]]
    await milliseconds(calls)
    return statistics.quantiles(await milliseconds(calls), n=20)[-1]


def _search(resources: Resources, text: str) -> Call:
    search = full_text_query(text) or ""
    return lambda: resources.social.search.find(search, caller_id=ID_PREFIX, skip=0, after=None, limit=20)


def _typed() -> Iterator[str]:
    """Yield prefixes of each name from two letters on, whole usernames, and typos."""
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
        "user_id": f"{ID_PREFIX}{number:06x}",
        "username": f"{first}_{last}{number}" if number % 2 else f"{first}{number}",
        "display_name": f"{first.title()} {last.title()}",
        "role": "user",
        "is_active": True,
        "profile_version": 1,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    found = figures(parser.parse_args().sizes)
    sys.stdout.writelines(f"{plain_row(figure)}\n" for figure in found)
    return 0 if all(figure.is_met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
