"""The parts that all flows share: the messages of their steps, the wait for a proof, and the close."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.flow_ends import FlowEndActivities
from domain.codes import CodeChallenge
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from domain.flows import FlowState, FlowView
from domain.journal.flow_ends import FlowEnd, FlowRef
from workflows.activity_options import STORE
from workflows.search_attributes import FLOW_STATE
from workflows.steps import run_activity

ONE_TASK = timedelta(milliseconds=1)
SUPERSEDED = "superseded"
"""The signal that cancels a flow when a newer one replaces it."""
FLOW_ENDED = "flow-ended"
"""A flow with this patch records its end. The patch can be removed on 2027-03-01."""


@dataclass(frozen=True)
class FlowCommand:
    """A step without fields of its own. `asked_at`: the API's clock, against which deadlines are checked.
    `request_id`: of the request, where the journal is to tell of that and not of the one that began the flow.
    """

    asked_at: datetime
    body_hash: str
    request_id: str | None = None


@dataclass(frozen=True)
class FlowAnswer:
    """`refusal`: the name of a DecodeError. `body_hash` distinguishes a repeated request from a different one."""

    view: FlowView
    body_hash: str
    refusal: str | None = None


def build_answer(flow: FlowProgress, body_hash: str, refusal: type[DecodeError] | None) -> FlowAnswer:
    """Return the answer to a step: the flow's current view, and why the step was refused, if it was."""
    return FlowAnswer(flow.view(), body_hash, refusal.__name__ if refusal else None)


async def supersede(workflow_id: str) -> None:
    """Signal an open flow that a newer one replaces it. No effect on a closed flow."""
    try:
        await workflow.get_external_workflow_handle(workflow_id).signal(SUPERSEDED)
    except ApplicationError:
        workflow.logger.info("superseded flow is over")


async def wait_until_closed(flow: FlowProgress) -> None:
    """Wait until the flow is closed, leg by leg; it expires when a leg is not proved in time."""
    while flow.state.is_open:
        if not await _left_in_time(flow, flow.challenge):
            flow.state = FlowState.EXPIRED


@contextmanager
def fail_flow_on_error(flow: FlowProgress) -> Iterator[None]:
    """Set the flow to FAILED on an ActivityError and raise it again.

    A retry does not help at this point: an operator removes the cause and resets the flow.
    """
    try:
        yield
    except ActivityError:
        flow.state = FlowState.FAILED
        raise


async def close_flow(flow: FlowProgress, *, can_be_signalled: bool, user_id: str | None) -> FlowView:
    """Deliver all answers, and write an end other than completion to the search attributes and the journal, in which
    the transaction that completes a flow writes itself. Returns the final view. `user_id`: as in FlowEnd.

    The answer of a completed flow may share the task of the close, as no event can arrive any more: no mail or child is
    under way, and other flows send no signal. A locked flow may be in the middle of a storm of guesses.
    """
    if flow.state is FlowState.COMPLETED and not can_be_signalled:
        await workflow.wait_condition(workflow.all_handlers_finished)
        return flow.view()
    if flow.state is FlowState.COMPLETED:
        await wait_handlers_finished()
    else:
        workflow.upsert_search_attributes([FLOW_STATE.value_set(flow.state)])
        ended = FlowRef(flow.kind, workflow.info().workflow_id)
        await record_end(ended, flow.state, user_id=user_id, request_id=flow.cancelled_by)
    return flow.view()


async def record_end(flow: FlowRef, state: FlowState, *, user_id: str | None, request_id: str | None = None) -> None:
    """Record the end of a flow, as its last step: it delays no answer. `user_id`, `request_id`: as in FlowEnd.

    Before it as in wait_handlers_finished, every step is answered, and the flow closes in a task of its own.
    """
    if not workflow.patched(FLOW_ENDED):
        await wait_handlers_finished()
        return
    await workflow.wait_condition(workflow.all_handlers_finished)
    end = FlowEnd(flow, state, workflow.now(), user_id, request_id)
    await run_activity(FlowEndActivities.record, end, STORE)
    await workflow.wait_condition(workflow.all_handlers_finished)


async def close_flow_before(flow: FlowProgress) -> FlowView:
    """Close a flow that began before ONE_WORKFLOW (delivery/mailing_flow.py), and is removed with it."""
    workflow.upsert_search_attributes([FLOW_STATE.value_set(flow.state)])
    await wait_handlers_finished()
    return flow.view()


async def wait_handlers_finished() -> None:
    """Wait until every step is answered and the answers are delivered, as the last wait of a flow.

    The server rejects a close that shares a workflow task with an answer when any event arrives meanwhile (such as
    the end of a mail), and the answer is lost with it (1 in 45, measured): the flow closes in a task of its own.
    """
    await workflow.wait_condition(workflow.all_handlers_finished)
    await workflow.sleep(ONE_TASK)
    await workflow.wait_condition(workflow.all_handlers_finished)


async def _left_in_time(flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Wait until the flow has left this leg. Returns False when the leg's newest code expired unproved.

    A step requested in time is handled before the flow expires, also when a reset delivers all steps again at once.
    """
    while not _has_left(flow, leg):
        deadline = leg.expires_at
        if not await _is_stopped_before(deadline, flow, leg):
            await workflow.wait_condition(workflow.all_handlers_finished)
            if not _is_stopped(deadline, flow, leg):
                return False
        elif leg.is_proved:
            # The step after the proof has no deadline; it may still reject the proof.
            await workflow.wait_condition(lambda: _has_left(flow, leg) or not leg.is_proved)
    return True


async def _is_stopped_before(deadline: datetime, flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Wait until this deadline no longer applies. Returns False when it passes first."""
    try:
        await workflow.wait_condition(
            lambda: _is_stopped(deadline, flow, leg),
            timeout=deadline - workflow.now(),
        )
    except TimeoutError:
        return False
    return True


def _is_stopped(deadline: datetime, flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Whether this deadline no longer applies: the code is proved, or a newer code has its own deadline."""
    return _has_left(flow, leg) or leg.is_proved or leg.expires_at != deadline


def _has_left(flow: FlowProgress, leg: CodeChallenge) -> bool:
    """Whether the flow is closed, or is in another leg by now."""
    return flow.challenge is not leg or not flow.state.is_open
