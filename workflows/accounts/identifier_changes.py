"""The start of a change of username or mail address: an account has at most one open change of each kind."""

from collections.abc import Mapping
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted, apply_outcome
from domain.errors import DecodeError, DependencyUnavailable
from domain.flow_progress import FlowProgress
from domain.flows import FlowState
from workflows.activity_options import STORE
from workflows.flows import supersede
from workflows.steps import Activity, Command, run_inline_activity


async def begin_change(
    flow: FlowProgress,
    begin: Activity[Command, ChangeStarted],
    command: Command,
    *,
    give_up_at: datetime,
    refusals: Mapping[ChangeOutcome, type[DecodeError]],
) -> type[DecodeError] | None:
    """Start this change and supersede the open one. Returns the refusal, which closes this flow, or None.

    `refusals`: outcomes that map to an error class of their own.
    """
    try:
        begun = await run_inline_activity(begin, command, STORE, give_up_at=give_up_at)
    except ActivityError:
        workflow.logger.warning("no answer about the account within the life of the flow")
        flow.state = FlowState.FAILED
        return DependencyUnavailable
    if begun.superseded:
        await supersede(begun.superseded)
    return apply_outcome(flow, begun.outcome, refusals)
