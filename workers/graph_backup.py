"""Saves all relationships of the graph, which are stored nowhere else, in a text file, and restores them.

`python -m workers.graph_backup save FILE` and `… restore FILE`, with the settings of the worker. Both are safe while
the product runs; restore can be stopped at any time and repeated. It holds a thousand relationships in memory.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

from adapters.failures import classify_failure
from adapters.resources import open_resources
from config.settings import Settings, SettingsError, load_settings
from domain.operations.graph_backup import GraphEdge, InvalidBackup, format_backup, parse_backup

BATCH_SIZE = 1_000
PROGRESS_EVERY = 100_000
FIRST_AND_LAST = 2
"""The number of lines in the file that are not relationships: the first and the last."""


async def save(settings: Settings, file: TextIO) -> int:
    """Write all relationships to `file`. Returns how many."""
    count = 0
    async with open_resources(settings, service="api") as resources:
        async for line in format_backup(resources.operations.graph_backup.read_all()):
            file.write(line)
            count += 1
    return count - FIRST_AND_LAST


async def restore(settings: Settings, file: TextIO) -> tuple[int, int]:
    """Write the missing relationships to the graph. Returns how many the file has and how many were written.

    Raises InvalidBackup.
    """
    read, made = 0, 0
    async with open_resources(settings, service="api") as resources:
        await resources.operations.projected_nodes.prepare()
        for batch in _batches(parse_backup(file)):
            made += await resources.operations.graph_backup.restore(batch)
            read += len(batch)
            if read % PROGRESS_EVERY == 0:
                sys.stdout.write(f"{read} relationships read, {made} put back\n")
    return read, made


def _batches(relationships: Iterator[GraphEdge]) -> Iterator[Sequence[GraphEdge]]:
    while batch := list(islice(relationships, BATCH_SIZE)):
        yield batch


def _save(settings: Settings, path: Path) -> str:
    """Write under another name until complete, so that a partial file is not taken for a backup."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", encoding="utf-8") as file:
        count = asyncio.run(save(settings, file))
    unfinished.replace(path)
    return f"{count} relationships are in {path}."


def _restore(settings: Settings, path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        read, made = asyncio.run(restore(settings, file))
    return f"{made} of {read} relationships were put back; the others are there, or lead to no account."


COMMANDS = {"save": _save, "restore": _restore}


def main() -> int:
    """Run one command. Returns the exit code: 0, 1 after an error, 2 for invalid settings."""
    parser = argparse.ArgumentParser(prog="python -m workers.graph_backup", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args()
    try:
        # The port of the metrics belongs to the worker on this machine.
        settings = load_settings().model_copy(update={"metrics_address": None})
        sys.stdout.write(COMMANDS[chosen.command](settings, chosen.file) + "\n")
    except SettingsError as error:
        return _refuse(str(error), 2)
    except (InvalidBackup, OSError) as error:
        return _refuse(str(error), 1)
    except Exception as error:
        failure = classify_failure(error)
        if failure is None:
            raise
        return _refuse(f"{failure.dependency} does not answer. Try again: doing it twice does no harm.", 1)
    return 0


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
