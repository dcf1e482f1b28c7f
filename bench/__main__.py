"""Measures the promised figures, each beside its limit from the same run: `python -m bench [--quick] [GROUP ...]`.

All groups with all rounds write docs/bench.md and its charts; anything less only prints. Exit code 1 when a want is
missed, 2 when a group is unknown.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.charts import CHARTS
from bench.figure import Figure
from bench.groups import NAMES, UnknownGroup, chosen_names, measure
from bench.report import RunFacts, plain_row, report

DOCS = Path(__file__).resolve().parent.parent / "docs"
QUICK_NOTE = "A quick run: few rounds, so rough figures.\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a look while working")
    parser.add_argument("group", nargs="*", help=f"one of {', '.join(NAMES)}; all without")
    chosen = parser.parse_args(arguments)
    try:
        names = chosen_names(chosen.group)
    except UnknownGroup as unknown:
        sys.stderr.write(f"{unknown}\n")
        return 2
    began = time.monotonic()
    groups = _measured(names, is_quick=chosen.quick)
    if chosen.quick:
        sys.stdout.write(QUICK_NOTE)
    elif names == NAMES:
        minutes = (time.monotonic() - began) / 60
        write(groups, RunFacts(datetime.now(UTC).date().isoformat(), os.cpu_count() or 1, minutes), DOCS)
    return 0 if all(figure.is_met for figures in groups.values() for figure in figures) else 1


def _measured(names: Sequence[str], *, is_quick: bool) -> dict[str, Sequence[Figure]]:
    """Measure the groups, and print each as soon as it is measured: all of them take half an hour."""
    began = time.monotonic()
    groups: dict[str, Sequence[Figure]] = {}

    def keep(name: str, figures: Sequence[Figure]) -> None:
        groups[name] = figures
        sys.stdout.write(f"\n{name}, after {time.monotonic() - began:.0f} s\n")
        sys.stdout.writelines(f"  {plain_row(figure)}\n" for figure in figures)
        sys.stdout.flush()

    measure(names, keep, is_quick=is_quick)
    return groups


def write(groups: Mapping[str, Sequence[Figure]], facts: RunFacts, docs: Path) -> None:
    """Write bench.md into this folder, and its charts below it."""
    (docs / "bench.md").write_text(report(groups, facts), encoding="utf-8")
    (docs / "bench").mkdir(exist_ok=True)
    every = [figure for figures in groups.values() for figure in figures]
    for name, draw in CHARTS.items():
        (docs / "bench" / name).write_text(draw(every), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
