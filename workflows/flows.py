"""What all flows share: the messages of their steps, and the wait for a code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

from domain.codes import CodeLeg
from domain.flows import FlowView

ONE_TASK = timedelta(milliseconds=1)
"""Any timer begins a new task."""


@dataclass(frozen=True)
class FlowStep:
    """A step without fields of its own. `asked_at` is the API's clock, by which the flow judges."""

    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class FlowAnswer:
    """`refusal` is the name of a class in domain/errors.py. `body_hash` tells a repeat from another ask."""

    view: FlowView
    body_hash: str
    refusal: str | None = None


async def settle() -> None:
    """Wait until all steps are answered, and answered for good: then a flow may close.

    The server throws a closing task away when something comes in meanwhile, such as the end of a mail, and
    with it the answers to steps: 1 of 45 codes typed at the moment of the mail's arrival was refused. So a
    flow closes in a task of its own.
    """
    await workflow.wait_condition(workflow.all_handlers_finished)
    await workflow.sleep(ONE_TASK)
    await workflow.wait_condition(workflow.all_handlers_finished)


async def proved_in_time(leg: CodeLeg, *, is_over: Callable[[], bool]) -> bool:
    """Wait until the flow is over. False when its newest code died first.

    Once a code is proved the deadline stops. A step that was asked in time is judged before the flow
    expires, also when a reset brings all steps back at once.
    """
    while not is_over():
        deadline = leg.expires_at
        if await _moved_on(leg, deadline, is_over=is_over):
            continue
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not (is_over() or leg.is_proved or leg.expires_at != deadline):
            return False
    return True


async def _moved_on(leg: CodeLeg, deadline: datetime, *, is_over: Callable[[], bool]) -> bool:
    try:
        await workflow.wait_condition(
            lambda: is_over() or leg.is_proved or leg.expires_at != deadline,
            timeout=deadline - workflow.now(),
        )
    except TimeoutError:
        return False
    if leg.is_proved:
        await workflow.wait_condition(lambda: is_over() or not leg.is_proved)
    return True
