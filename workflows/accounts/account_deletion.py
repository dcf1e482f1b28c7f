"""AccountDeletion: hide an account at once, remind its owner twice, erase it after 30 days unless reactivated.

MongoDB holds whether the account can still be reactivated, and the workflow reads it again before each step: an update
or signal only wakes it. At most one runs per account, so that hiding and showing never overlap.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.accounts.account_deletion import AccountDeletionActivities, CloseIntent, DeletionInput
from activities.accounts.erasure import EraseAccount, ErasureActivities
from activities.delivery.mail import MailInput
from domain.accounts.account_deletion import Deletion, DeletionStatus, next_due
from domain.delivery.mail import MailKind
from domain.flows import FlowKind, FlowState
from domain.journal.flow_ends import FlowRef
from domain.moments import written_day
from workflows.activity_options import BULK, STORE
from workflows.background import start_or_signal
from workflows.delivery.mail import send_mail, send_mail_and_wait
from workflows.flows import record_end
from workflows.handlers import update
from workflows.queues import Queue
from workflows.search_attributes import FLOW_STATE, flow_attributes
from workflows.steps import run_activity, run_inline_activity

SUMMARY = "Hides an account that its owner leaves, and erases it after thirty days"
GOODBYE_MAIL_TTL = timedelta(days=3)
"""How long the last mail is retried. After that its address is erased, delivered or not."""
FINAL_STATES = {DeletionStatus.BACK: FlowState.CANCELLED, DeletionStatus.ERASED: FlowState.COMPLETED}


def account_deletion_workflow_id(user_key: str) -> str:
    """Return the workflow id of an account's deletion; `user_key` is the keyed hash of the user id."""
    return f"account-deletion/{user_key}"


def deletion_input(user_id: str, user_key: str, *, deletion_key: str, subject_hash: str) -> DeletionInput:
    """Return the input of a deletion, for callers outside the workflows."""
    return DeletionInput(user_id, user_key, deletion_key, subject_hash)


@workflow.defn(name="AccountDeletion")
class AccountDeletion:
    """The deletion of one account, from deactivation to reactivation or erasure. Returns how it ended."""

    @workflow.init
    def __init__(self, input: DeletionInput) -> None:
        self._input = input
        self._seen: Deletion | None = None
        self._is_woken = False
        self._next: DeletionInput | None = None
        # Reads are serialised, so that an older result never replaces a newer one.
        self._turn = asyncio.Lock()

    @workflow.run
    async def run(self, input: DeletionInput) -> DeletionStatus:
        """Hide the account and wait out the grace period, then erase the account or show it again.

        A later deactivation received meanwhile is handled in a new run.
        """
        deletion = await self._read_deletion()
        if deletion:
            await self._deactivate(deletion)
            await self._wait_grace_period()
        if self._status is DeletionStatus.ERASED:
            await self._erase()
        elif self._seen:
            await self._restore()
        state = FINAL_STATES[self._status]
        workflow.upsert_search_attributes([FLOW_STATE.value_set(state)])
        flow = FlowRef(FlowKind.ACCOUNT_DELETION, workflow.info().workflow_id, input.key)
        await record_end(flow, state, user_id=input.user_id)
        if self._next:
            begun = flow_attributes(FlowKind.ACCOUNT_DELETION, self._next.subject_hash)
            workflow.continue_as_new(self._next, search_attributes=begun)
        return self._status

    @update(name="reactivate")
    async def reactivate(self) -> DeletionStatus:
        """Wake the flow after a reactivation. Returns the status read from MongoDB."""
        await self._read_deletion()
        self._is_woken = True
        return self._status

    @workflow.signal(name="changed")
    def account_changed(self) -> None:
        """Wake the flow, for callers that do not wait for an answer."""
        self._is_woken = True

    @workflow.signal(name="left")
    def account_deactivated(self, input: DeletionInput) -> None:
        """Queue a later deactivation of the same account for the next run; the one in progress is ignored."""
        if input.key != self._input.key:
            self._next = input
            self._is_woken = True

    @property
    def _status(self) -> DeletionStatus:
        """The status last read; BACK without a record: the account came back, and was deactivated again since."""
        return self._seen.standing if self._seen else DeletionStatus.BACK

    async def _read_deletion(self) -> Deletion | None:
        """Read the deletion from MongoDB. Returns None unless the account is still leaving."""
        async with self._turn:
            self._seen = await run_inline_activity(AccountDeletionActivities.get_deletion, self._input.key, STORE)
        return self._seen if self._status is DeletionStatus.LEAVING else None

    async def _deactivate(self, deletion: Deletion) -> None:
        await send_mail(self._mail_input(MailKind.ACCOUNT_DEACTIVATED, deletion, "deactivated"))
        while not await run_activity(AccountDeletionActivities.hide, self._input.user_id, BULK):
            pass
        await self._close_intent(DeletionStatus.LEAVING)

    async def _wait_grace_period(self) -> None:
        """Send the reminders when due and write the tombstone at the end; return early if the account is back."""
        while deletion := await self._read_deletion():
            due = next_due(deletion, workflow.now())
            if due is None:
                await run_activity(
                    ErasureActivities.write_tombstone,
                    EraseAccount(self._input.user_id, deletion.key, workflow.now()),
                    STORE,
                )
            elif not await self._wait_for_wake_until(due):
                await self._remind(due)

    async def _remind(self, due: datetime) -> None:
        deletion = await self._read_deletion()
        if deletion and deletion.deletion_at and due < deletion.deletion_at:
            days = (deletion.deletion_at - due).days
            reminder = self._mail_input(MailKind.ACCOUNT_DELETION_REMINDER, deletion, f"reminder-{days}")
            await send_mail(replace(reminder, give_up_at=deletion.deletion_at))

    async def _erase(self) -> None:
        """Erase from all stores, send the last mail, then erase the data kept for sending it. Idempotent."""
        while not await run_activity(ErasureActivities.erase, self._input.user_id, BULK):
            pass
        goodbye = await run_activity(ErasureActivities.goodbye_mail, self._input.user_id, STORE)
        if goodbye:
            await send_mail_and_wait(goodbye, give_up_at=workflow.now() + GOODBYE_MAIL_TTL)
        await run_activity(
            ErasureActivities.finish, EraseAccount(self._input.user_id, self._input.key, workflow.now()), STORE
        )

    async def _restore(self) -> None:
        while not await run_activity(AccountDeletionActivities.show, self._input.user_id, BULK):
            pass
        await self._close_intent(DeletionStatus.BACK)

    async def _close_intent(self, status: DeletionStatus) -> None:
        await run_inline_activity(AccountDeletionActivities.close_intent, CloseIntent(self._input.key, status), STORE)

    async def _wait_for_wake_until(self, moment: datetime) -> bool:
        try:
            await workflow.wait_condition(lambda: self._is_woken, timeout=moment - workflow.now())
        except TimeoutError:
            return False
        self._is_woken = False
        return True

    def _mail_input(self, kind: MailKind, deletion: Deletion, name: str) -> MailInput:
        """Return a mail keyed by the deactivation, not by the account: it may be deactivated more than once."""
        date = written_day(deletion.deletion_at) if deletion.deletion_at else ""
        return MailInput(
            key=f"account-deletion.{self._input.key}.{name}",
            kind=kind,
            recipient=deletion.email_address,
            variables={"username": deletion.username, "date": date},
        )


async def start_or_wake_deletion(input: DeletionInput) -> None:
    """Start the account's deletion, or wake the one that runs. Idempotent."""
    await start_or_signal(
        AccountDeletion.run,
        input,
        workflow_id=account_deletion_workflow_id(input.user_key),
        queue=Queue.BULK,
        summary=SUMMARY,
        signals=[AccountDeletion.account_changed],
        search_attributes=flow_attributes(FlowKind.ACCOUNT_DELETION, input.subject_hash),
    )
