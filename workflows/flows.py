"""What all flows share: the messages of their steps, and the wait for a code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from domain.codes import CodeChallenge
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from domain.flows import FlowState, FlowView
from workflows.search_attributes import FLOW_STATE

ONE_TASK = timedelta(milliseconds=1)
SUPERSEDED = "superseded"
"""The signal that ends a flow whose place another has taken."""


@dataclass(frozen=True)
class FlowCommand:
    """A step without fields of its own. `asked_at` is the API's clock, by which the flow judges."""

    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class FlowAnswer:
    """`refusal` is the name of a class in domain/errors.py. `body_hash` tells a repeat from another ask."""

    view: FlowView
    body_hash: str
    refusal: str | None = None


def build_answer(flow: FlowProgress, body_hash: str, refusal: type[DecodeError] | None) -> FlowAnswer:
    """What a step hears: where the flow stands now, and why the step was refused, if it was."""
    return FlowAnswer(flow.view(), body_hash, refusal.__name__ if refusal else None)


async def supersede(workflow_id: str) -> None:
    """Tell an open flow that another has taken its place. One that is over does not mind."""
    try:
        await workflow.get_external_workflow_handle(workflow_id).signal(SUPERSEDED)
    except ApplicationError:
        workflow.logger.info("superseded flow is over")


async def wait_until_closed(flow: FlowProgress) -> None:
    """Wait until the flow is over, leg by leg; it has expired when a leg is not proved in time."""
    while flow.state.is_open:
        if not await _left_in_time(flow, flow.challenge):
            flow.state = FlowState.EXPIRED


@contextmanager
def fail_flow_on_error(flow: FlowProgress) -> Iterator[None]:
    """No further try can mend what comes through here: an operator removes the cause and resets the flow."""
    try:
        yield
    except ActivityError:
        flow.state = FlowState.FAILED
        raise


async def close_flow(flow: FlowProgress) -> FlowView:
    """The end of a flow: how it ended is written where operators search, then it closes."""
    workflow.upsert_search_attributes([FLOW_STATE.value_set(flow.state)])
    await wait_handlers_finished()
    return flow.view()


async def wait_handlers_finished() -> None:
    """The last wait of a flow: every step answered, and the answers delivered, before the flow closes.

    A close that shares a task with an answer is refused by the server when any event arrives meanwhile (the
    end of a mail, say), and the answer is lost with it (1 in 45, measured): the flow closes in a task of its own.
    """
    await workflow.wait_condition(workflow.all_handlers_finished)
    await workflow.sleep(ONE_TASK)
    await workflow.wait_condition(workflow.all_handlers_finished)


async def _left_in_time(flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Wait until the flow has left this leg. False when the leg's newest code has died before it was proved.

    A step that was asked in time is judged before the flow expires, also when a reset brings all steps back at once.
    """
    while not _has_left(flow, leg):
        deadline = leg.expires_at
        if not await _is_stopped_before(deadline, flow, leg):
            await workflow.wait_condition(workflow.all_handlers_finished)
            if not _is_stopped(deadline, flow, leg):
                return False
        elif leg.is_proved:
            # What the proof leads to takes as long as it takes; it may still turn the proof down.
            await workflow.wait_condition(lambda: _has_left(flow, leg) or not leg.is_proved)
    return True


async def _is_stopped_before(deadline: datetime, flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Wait for what stops this deadline. False when it has come first."""
    try:
        await workflow.wait_condition(
            lambda: _is_stopped(deadline, flow, leg),
            timeout=deadline - workflow.now(),
        )
    except TimeoutError:
        return False
    return True


def _is_stopped(deadline: datetime, flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Whether this deadline means nothing any more: the code is proved, or a newer one has a deadline of its own."""
    return _has_left(flow, leg) or leg.is_proved or leg.expires_at != deadline


def _has_left(flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Whether the flow is over, or proves something else by now."""
    return flow.challenge is not leg or not flow.state.is_open
