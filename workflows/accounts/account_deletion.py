"""AccountDeletion: hidden at once, reminded twice, erased after thirty days, and until then undone at a word.

Whether the account can still come back stands in MongoDB and is read anew before each deed: what is sent to this
workflow only wakes it. One runs for each account at most, so that hiding and showing never cross.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

from activities.accounts.account_deletion import AccountDeletionActivities, CloseIntent, DeletionOrder
from activities.accounts.erasure import Burial, ErasureActivities
from activities.delivery.mail import MailOrder
from domain.accounts.account_deletion import Deletion, Standing, next_due
from domain.delivery.mail import MailKind
from domain.flows import FlowKind, FlowState
from domain.moments import written_day
from workflows.activity_options import BULK, STORE
from workflows.background import start_or_signal
from workflows.delivery.mail import deliver, post
from workflows.flows import settle
from workflows.handlers import update
from workflows.queues import Queue
from workflows.search_attributes import FLOW_STATE, flow_attributes
from workflows.steps import quick_step, step

SUMMARY = "Hides an account that its owner leaves, and erases it after thirty days"
FAREWELL_LIFE = timedelta(days=3)
"""So long the last mail is tried. Then its address is forgotten all the same."""
ENDS = {Standing.BACK: FlowState.CANCELLED, Standing.ERASED: FlowState.COMPLETED}


def account_deletion_id(user_key: str) -> str:
    return f"account-deletion/{user_key}"


def deletion_of(user_id: str, user_key: str, *, key: str, subject_hash: str) -> DeletionOrder:
    """The order of a deletion, for who starts one from outside."""
    return DeletionOrder(user_id, user_key, key, subject_hash)


@workflow.defn(name="AccountDeletion")
class AccountDeletion:
    @workflow.init
    def __init__(self, order: DeletionOrder) -> None:
        self._order = order
        self._seen: Deletion | None = None
        self._is_woken = False
        self._next: DeletionOrder | None = None
        # Looks are taken one after the other, so that an older one never hides a newer one.
        self._turn = asyncio.Lock()

    @workflow.run
    async def run(self, order: DeletionOrder) -> Standing:
        """The story of one deactivation, to either end."""
        leaving = await self._look()
        if leaving:
            await self._begin(leaving)
            await self._wait_out()
        if self._standing is Standing.ERASED:
            await self._erase()
        elif self._seen:
            await self._come_back()
        workflow.upsert_search_attributes([FLOW_STATE.value_set(ENDS[self._standing])])
        await settle()
        if self._next:
            begun = flow_attributes(FlowKind.ACCOUNT_DELETION, self._next.subject_hash)
            workflow.continue_as_new(self._next, search_attributes=begun)
        return self._standing

    @update(name="reactivate")
    async def reactivate(self) -> Standing:
        """The account was brought back, or so it is said. Answers where it stands."""
        await self._look()
        self._is_woken = True
        return self._standing

    @workflow.signal(name="changed")
    def changed(self) -> None:
        """Look again; for who does not wait for an answer."""
        self._is_woken = True

    @workflow.signal(name="left")
    def left(self, order: DeletionOrder) -> None:
        """The account was deactivated. If that was once again, it is the next thing to see to."""
        if order.key != self._order.key:
            self._next = order
            self._is_woken = True

    @property
    def _standing(self) -> Standing:
        """Of a deactivation that nobody knows any more the account has come back, and left once again."""
        return self._seen.standing if self._seen else Standing.BACK

    async def _look(self) -> Deletion | None:
        """The deletion as it stands now, for as long as the account is leaving."""
        async with self._turn:
            self._seen = await quick_step(AccountDeletionActivities.look, self._order.key, STORE)
        return self._seen if self._standing is Standing.LEAVING else None

    async def _begin(self, leaving: Deletion) -> None:
        await post(self._letter(MailKind.ACCOUNT_DEACTIVATED, leaving, "deactivated"))
        while not await step(AccountDeletionActivities.hide, self._order.user_id, BULK):
            pass
        await self._close_intent(Standing.LEAVING)

    async def _wait_out(self) -> None:
        """Remind when it is time; bury the account when its time has come, unless it is back before."""
        while leaving := await self._look():
            due = next_due(leaving, workflow.now())
            if due is None:
                await step(ErasureActivities.bury, Burial(self._order.user_id, leaving.key, workflow.now()), STORE)
            elif not await self._is_woken_before(due):
                await self._remind(due)

    async def _remind(self, due: datetime) -> None:
        leaving = await self._look()
        if leaving and leaving.deletion_at and due < leaving.deletion_at:
            days = (leaving.deletion_at - due).days
            await post(self._letter(MailKind.ACCOUNT_DELETION_REMINDER, leaving, f"reminder-{days}"))

    async def _erase(self) -> None:
        """All stores, then the last mail, then what was kept for sending it. Done again it changes nothing."""
        while not await step(ErasureActivities.erase, self._order.user_id, BULK):
            pass
        farewell = await step(ErasureActivities.farewell, self._order.user_id, STORE)
        if farewell:
            await deliver(farewell, give_up_at=workflow.now() + FAREWELL_LIFE)
        await step(ErasureActivities.finish, Burial(self._order.user_id, self._order.key, workflow.now()), STORE)

    async def _come_back(self) -> None:
        while not await step(AccountDeletionActivities.show, self._order.user_id, BULK):
            pass
        await self._close_intent(Standing.BACK)

    async def _close_intent(self, standing: Standing) -> None:
        await quick_step(AccountDeletionActivities.close_intent, CloseIntent(self._order.key, standing), STORE)

    async def _is_woken_before(self, moment: datetime) -> bool:
        try:
            await workflow.wait_condition(lambda: self._is_woken, timeout=moment - workflow.now())
        except TimeoutError:
            return False
        self._is_woken = False
        return True

    def _letter(self, kind: MailKind, leaving: Deletion, name: str) -> MailOrder:
        """Keyed by the deactivation: the workflow's id is the account's, which may leave more than once."""
        date = written_day(leaving.deletion_at) if leaving.deletion_at else ""
        return MailOrder(
            key=f"account-deletion.{self._order.key}.{name}",
            kind=kind,
            recipient=leaving.email_address,
            variables={"username": leaving.username, "date": date},
        )


async def carry_on_deletion(order: DeletionOrder) -> None:
    """Start the account's deletion, or wake the one that runs. Safe to call twice."""
    await start_or_signal(
        AccountDeletion.run,
        order,
        workflow_id=account_deletion_id(order.user_key),
        queue=Queue.BULK,
        summary=SUMMARY,
        signals=[AccountDeletion.changed],
        search_attributes=flow_attributes(FlowKind.ACCOUNT_DELETION, order.subject_hash),
    )
