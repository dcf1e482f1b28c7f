"""Records the histories that test_replay.py replays: `python -m tests.replay.record [name …]`, all by default.

A workflow that was changed on purpose needs its histories anew; before that, the old ones must still replay or
the change must be behind `workflow.patched`. Payloads are sealed with the keys of tests/keys.py, nobody's secret.
"""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from temporalio.client import Client

from tests.replay.outcomes import OUTCOMES, Scene
from tests.workflows.fakes import Fakes
from tests.workflows.newcomer import Newcomer
from tests.workflows.skipping import Clock, at_work, skipping_servers

HISTORIES = Path(__file__).parent / "histories"


async def record(names: Sequence[str]) -> None:
    """Play each outcome on a server of its own and keep its history."""
    HISTORIES.mkdir(exist_ok=True)
    async with skipping_servers() as servers:
        for name in names:
            text = await _play(await servers.new_client(), name)
            (HISTORIES / f"{name}.json").write_text(text, encoding="utf-8")
            sys.stdout.write(f"{name}\n")


async def _play(client: Client, name: str) -> str:
    clock, fakes = Clock(client), Fakes()
    async with at_work(client, fakes):
        workflow_id = await OUTCOMES[name](Scene(client, clock, fakes, Newcomer(client, clock)))
        history = await client.get_workflow_handle(workflow_id).fetch_history()
    # A real server writes the id into the first event; this one does not.
    history.events[0].workflow_execution_started_event_attributes.workflow_id = workflow_id
    return json.dumps(history.to_json_dict(), indent=1) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay.record", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*OUTCOMES, []], metavar="name")
    logging.disable(logging.WARNING)  # tries that fail on purpose
    asyncio.run(record(parser.parse_args().names or list(OUTCOMES)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
