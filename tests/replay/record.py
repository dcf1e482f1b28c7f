"""Records the missing histories of those that test_replay.py replays: `python -m tests.replay.record`.

An existing history stays as it is: it stands for workflows that run while we deploy, and a change that does not fit it
is put behind `workflow.patched`. The new behaviour is an outcome of its own, recorded beside it. To record one again,
delete it. Payloads are encrypted with the keys of tests/support/keys.py, which are public.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from temporalio.client import Client

from tests.replay.outcomes import OUTCOMES
from tests.replay.scene import new_scene
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import run_workers, skipping_servers

HISTORIES = Path(__file__).parent / "histories"


def place(name: str) -> Path:
    """Where the history of an outcome is kept."""
    return HISTORIES / f"{name}.json"


async def record(names: Sequence[str]) -> None:
    """Run each outcome on a server of its own and store its history."""
    async with skipping_servers() as servers:
        for name in names:
            place(name).write_text(await _play(await servers.new_client(), name), encoding="utf-8")
            sys.stdout.write(f"{name}\n")


async def _play(client: Client, name: str) -> str:
    fakes = Fakes()
    async with run_workers(client, fakes):
        workflow_id = await OUTCOMES[name](new_scene(client, fakes))
        described = await client.get_workflow_handle(workflow_id).describe()
        history = await client.get_workflow_handle(workflow_id, run_id=described.raw_info.first_run_id).fetch_history()
    # A real server writes the id into the first event; this one does not.
    history.events[0].workflow_execution_started_event_attributes.workflow_id = workflow_id
    return json.dumps(history.to_json_dict(), indent=1) + "\n"


def main() -> int:
    logging.disable(logging.WARNING)  # tries that fail on purpose
    asyncio.run(record([name for name in OUTCOMES if not place(name).exists()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
