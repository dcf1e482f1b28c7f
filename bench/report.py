"""The rows as text: one by one while they are measured, and the whole of docs/bench.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figure import Figure, Split

SMALLEST_PART = 0.02
"""Processes with less of a row's CPU than this are not named in its split."""

HEAD = """# Measurements

Written by `make bench`; `make bench ONLY=registration QUICK=1` measures one group in half a minute and writes nothing.

- **Ours** stands beside its **limit**, what the machine does at best, measured in the same run. The machine's pace
  changes from run to run: the ratio is the result, the absolute numbers are for orientation.
- **CPU of all** is the processor time of every process of the stack for one call: API, worker, Temporal's server,
  MongoDB, Neo4j, Redis, the mailbox; not of the clients. What follows from the call is in it, until no intent is open
  and the stack is quiet; what the stack uses without any call is measured first and taken off.
- Before anything is measured the stack has some thousand follows and reads behind it, as one that has run for a day: a
  JVM compiles what it runs often, and until then a follow costs Neo4j four times as much.
- The rate limits are those of production. No row is refused by them, since each user is another one at another
  address, as behind a proxy. Rows that call the stores or hold sockets meet no limit.
- The assistant's model is `mock`, which says its first word at once, and 50 words a second. In the groups `model-calls`
  and `model-streams` it is a scripted provider behind OpenAI's wire, as fast as it is read unless the row says more.
- The groups `load-…` play the load tests of the system before, with its marks as wants: people come, more and more,
  and do something again and again. Messages, streams and tools have limits that no one meets there.
- A want is in the unit of its row, or a multiple of the limit where it says so.

"""
COLUMNS = "| what | ours | limit | ours / limit | want | met | split |\n|---|---|---|---|---|---|---|\n"


@dataclass(frozen=True)
class RunFacts:
    """When it ran, on how many cores, and for how many minutes in all."""

    day: str
    cores: int
    minutes: float


def report(groups: Mapping[str, Sequence[Figure]], facts: RunFacts) -> str:
    """Return docs/bench.md."""
    missed = [figure for figures in groups.values() for figure in figures if not figure.is_met]
    return (
        f"{HEAD}Last run: {facts.day}, {facts.cores} cores for servers and clients together, "
        f"{facts.minutes:.0f} minutes; {len(missed)} of {sum(map(len, groups.values()))} wants are missed.\n\n"
        "![Where the CPU of one call goes](bench/split.svg)\n\n"
        "![How much of each want is used](bench/wants.svg)\n\n" + "\n".join(map(section, groups, groups.values()))
    )


def section(name: str, figures: Sequence[Figure]) -> str:
    """Return the table of one group, and below it what limits each row."""
    rows = "".join(f"{_row(figure)}\n" for figure in figures)
    sentences = "".join(f"- *{figure.what}*: {figure.because}\n" for figure in figures)
    return f"## {name}\n\n{COLUMNS}{rows}\n{sentences}"


def plain_row(figure: Figure) -> str:
    """Return the row for a terminal."""
    limit = f"; {figure.limit.what}: {number(figure.limit.value)} {figure.unit}" if figure.limit else ""
    split = f"; {split_text(figure.split)}" if figure.split else ""
    wanted = f"wanted {figure.want}, {'met' if figure.is_met else 'missed'}"
    return f"{figure.what}: {number(figure.ours)} {figure.unit}, {wanted}{limit}{split}\n    {figure.because}"


def split_text(split: Split) -> str:
    """Return the processes with their milliseconds, the dearest first, without those that hardly matter."""
    whole = sum(split.values())
    parts = sorted(split.items(), key=lambda part: -part[1])
    return ", ".join(f"{name} {number(spent)}" for name, spent in parts if spent > SMALLEST_PART * whole)


def number(value: float) -> str:
    """Return about three digits, and never fewer than the whole number has."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def _row(figure: Figure) -> str:
    limit = f"{figure.limit.what}: {number(figure.limit.value)} {figure.unit}" if figure.limit else "-"
    ratio = number(figure.ratio) if figure.ratio is not None else "-"
    cells = (
        figure.what,
        f"{number(figure.ours)} {figure.unit}".strip(),
        limit.strip(),
        ratio,
        str(figure.want),
        "yes" if figure.is_met else "**no**",
        split_text(figure.split) or "-",
    )
    return f"| {' | '.join(cells)} |"
