"""Registrations that began before ONE_WORKFLOW (delivery/mailing_flow.py): each step was an activity of its own, each
mail and the sync a workflow of its own. Removed with that patch.
"""

import asyncio
from datetime import datetime

from activities.accounts.registration import (
    AccountCreated,
    BeginRegistration,
    FinishRegistration,
    RegistrationActivities,
    ReleaseUsername,
)
from activities.delivery.mail import MailInput
from activities.users.graph_sync import GraphSyncInput
from domain.accounts.registration import RegistrationStart
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from workflows.activity_options import STORE
from workflows.codes import judge_code
from workflows.delivery.mail import send_mail
from workflows.steps import run_inline_activity
from workflows.users.graph_sync import start_or_wake_graph_sync


async def begin_before(begin: BeginRegistration) -> RegistrationStart:
    """Do `RegistrationActivities.begin` step by step. Raises ActivityError."""
    hold, slot, until = begin.hold, begin.slot, begin.hold.until
    if not await run_inline_activity(RegistrationActivities.hold_username, hold, STORE, give_up_at=until):
        return RegistrationStart.USERNAME_TAKEN
    if slot is None or await run_inline_activity(RegistrationActivities.reserve_slot, slot, STORE):
        return RegistrationStart.BEGUN
    release = ReleaseUsername(hold.username, hold.owner, slot.address_key)
    await run_inline_activity(RegistrationActivities.release_username, release, STORE)
    return RegistrationStart.NETWORK_FULL


async def finish_before(
    flow: FlowProgress, finish: FinishRegistration, asked_at: datetime
) -> type[DecodeError] | AccountCreated:
    """Check the code, then create the account. Returns why the code is refused, else what became of the account."""
    refusal = await judge_code(flow, finish.check, asked_at) or flow.refusal or closed_by_proof(flow)
    if refusal:
        return refusal
    flow.challenge.is_proved = True
    return await run_inline_activity(RegistrationActivities.create_account, finish.account, STORE)


def closed_by_proof(flow: FlowProgress) -> type[DecodeError] | None:
    """Return FlowClosed while the account is being created for a code that was found right."""
    return FlowClosed if flow.challenge.is_proved else None


async def follow_up_before(account: AccountCreated, welcome: MailInput) -> None:
    """Start the account's sync and its first mail as workflows of their own."""
    sync = GraphSyncInput(account.user_id, account.user_key)
    await asyncio.gather(start_or_wake_graph_sync(sync), send_mail(welcome))
