"""Changes of a name or an address that began before ONE_WORKFLOW (delivery/mailing_flow.py): the check of the code and
its effect were an activity each, the sync of the graph a workflow. Removed with that patch.
"""

from datetime import datetime

from activities.codes import CheckCode
from activities.users.graph_sync import GraphSyncInput
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from workflows.activity_options import STORE
from workflows.codes import judge_code
from workflows.steps import Activity, Command, Result, run_inline_activity
from workflows.users.graph_sync import start_or_wake_graph_sync


async def finish_before(
    flow: FlowProgress, check: CheckCode, step: Activity[Command, Result], command: Command, asked_at: datetime
) -> type[DecodeError] | Result:
    """Check the code, then do the step. Returns why the code is refused, else the step's result."""
    refusal = await judge_code(flow, check, asked_at)
    if refusal:
        return refusal
    flow.challenge.is_proved = True
    return await run_inline_activity(step, command, STORE)


async def sync_graph_before(user_id: str, user_key: str) -> None:
    """Start the account's sync as a workflow of its own."""
    await start_or_wake_graph_sync(GraphSyncInput(user_id, user_key))
