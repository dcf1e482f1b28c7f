"""Every recorded history still replays with today's workflows: those that run while we deploy go on.

Each with the runner of production, and the longest of each workflow also with one that passes no modules through, so
that a clock read inside a passed-through module is found. Recorded by `make record`.
"""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from adapters.temporal.codec import ENCODING
from tests.replay.changed import MailThatSendsFirst
from tests.replay.outcomes import OUTCOMES
from tests.support.keys import CONVERTER
from workers.registry import workflows_of
from workers.request_id import WorkerRequestIds
from workers.sandbox import strict_runner, workflow_runner
from workflows.queues import Queue

WORKFLOWS = list({workflow for queue in Queue for workflow in workflows_of(queue)})
HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))
RUNNERS = [workflow_runner, strict_runner]
IN_CLEAR = {"searchAttributes", "data", "patch-data"}
"""Search attributes, which operators list by, and the SDK's own notes: type and times of a local activity, the name
of a patch.
"""


def history(path: Path) -> WorkflowHistory:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    started = recorded["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], recorded)


def workflow_of(path: Path) -> str:
    return history(path).events[0].workflow_execution_started_event_attributes.workflow_type.name


def longest() -> list[Path]:
    """Return the longest history of each workflow: one takes a second or two without passed modules, since it imports
    all code anew.
    """
    by_length = sorted(HISTORIES, key=lambda path: path.stat().st_size)
    return [*{workflow_of(path): path for path in by_length}.values()]


def replayer(runner: SandboxedWorkflowRunner, workflows: Sequence[type] = WORKFLOWS) -> Replayer:
    """Without the limit of two seconds for a step: a busy machine takes longer to import all code anew, and what the
    SDK then takes for a deadlock never ends.
    """
    return Replayer(
        workflows=workflows,
        workflow_runner=runner,
        data_converter=CONVERTER,
        interceptors=[WorkerRequestIds()],
        debug_mode=True,
    )


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_history_still_fits(path: Path) -> None:
    await replayer(workflow_runner()).replay_workflow(history(path))


@pytest.mark.parametrize("path", longest(), ids=lambda path: path.stem)
async def test_history_fits_without_passed_modules(path: Path) -> None:
    await replayer(strict_runner()).replay_workflow(history(path))


@pytest.mark.parametrize("runner", RUNNERS, ids=["production", "strict"])
async def test_careless_change_is_caught(runner: Callable[[], SandboxedWorkflowRunner]) -> None:
    accepted = next(path for path in HISTORIES if path.stem == "mail-accepted")

    with pytest.raises(NondeterminismError):
        await replayer(runner(), [MailThatSendsFirst]).replay_workflow(history(accepted))


def test_every_outcome_has_its_history() -> None:
    assert {path.stem for path in HISTORIES} == set(OUTCOMES)


def test_every_workflow_has_a_history() -> None:
    assert set(map(workflow_of, HISTORIES)) == {workflow.__name__ for workflow in WORKFLOWS}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_history_holds_nothing_in_clear(path: Path) -> None:
    found = {name for name, payload in payloads(json.loads(path.read_text(encoding="utf-8"))) if not is_sealed(payload)}

    assert found <= IN_CLEAR


def payloads(node: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every payload below a node, with the name of the field that contains it."""
    if isinstance(node, list):
        for each in node:
            yield from payloads(each, name)
    elif isinstance(node, dict):
        if "encoding" in node.get("metadata", {}):
            yield name, node
        for key, each in node.items():
            is_grouping = key in {"payloads", "indexedFields"} or name == "searchAttributes"
            yield from payloads(each, name if is_grouping else key)


def is_sealed(payload: dict[str, Any]) -> bool:
    return base64.b64decode(payload["metadata"]["encoding"]) == ENCODING
