"""A client of AccountDeletion as the API is one: deactivates, reads the status, reactivates."""

from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateHandle, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy

from activities.accounts.account_deletion import DeletionInput
from domain.accounts.account_deletion import GRACE_PERIOD, Deletion, DeletionStatus
from domain.delivery.mail import MailKind
from domain.flows import FlowKind
from tests.support.keys import HASHES
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import Clock
from workflows.accounts.account_deletion import AccountDeletion, account_deletion_workflow_id
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON, FLOW_STATE, flow_attributes

USER_ID = "5f" * 12
KEY = "a-deletions-key"
LATER_KEY = "another-deletions-key"


@dataclass
class AccountDeletionClient:
    client: Client
    clock: Clock
    fakes: Fakes

    @property
    def input(self) -> DeletionInput:
        return DeletionInput(USER_ID, HASHES.workflow_key(USER_ID), KEY, HASHES.subject_hash("ann@people.test"))

    @property
    def workflow_id(self) -> str:
        return account_deletion_workflow_id(self.input.user_key)

    @property
    def flow(self) -> WorkflowHandle[AccountDeletion, DeletionStatus]:
        return self.client.get_workflow_handle_for(AccountDeletion.run, self.workflow_id)

    async def deactivates(self) -> None:
        """The account is deactivated, and its flow has seen to that."""
        await self.records_deactivation()
        await self.starts()
        await self.fakes.deletion.closed.wait_called(times=1)

    async def deactivates_again(self) -> None:
        """The account was reactivated and deactivated again before its flow received either signal."""
        await self.records_deactivation()
        assert self.fakes.deletion.account
        self.fakes.deletion.account = replace(self.fakes.deletion.account, key=LATER_KEY)
        await self.flow.signal(AccountDeletion.account_deactivated, replace(self.input, key=LATER_KEY))

    async def reaches_the_deadline(self) -> None:
        """The end has come. While an activity hangs or fails the server does not skip to it."""
        await self.records_deactivation(life=timedelta(0))
        await self.starts()

    async def records_deactivation(self, life: timedelta = GRACE_PERIOD) -> None:
        """As the route does it; no workflow runs yet."""
        deletion_at = await self.clock.now() + life
        self.fakes.deletion.account = Deletion(
            USER_ID, KEY, DeletionStatus.LEAVING, deletion_at, username="ann_lee", email_address="ann@people.test"
        )

    async def starts(self) -> None:
        await self.client.start_workflow(
            AccountDeletion.run,
            self.input,
            id=self.workflow_id,
            task_queue=Queue.BULK,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=flow_attributes(FlowKind.ACCOUNT_DELETION, self.input.subject_hash),
        )

    async def waits(self, days: float) -> None:
        await self.clock.advance(timedelta(days=days))

    async def reactivates(self) -> DeletionStatus:
        """The account is written first, then the flow is signalled."""
        self.fakes.deletion.has_status(DeletionStatus.BACK)
        return await self.flow.execute_update(AccountDeletion.reactivate)

    async def begins_to_reactivate(self) -> WorkflowUpdateHandle[DeletionStatus]:
        """Return once the flow has accepted the signal."""
        self.fakes.deletion.has_status(DeletionStatus.BACK)
        return await self.flow.start_update(AccountDeletion.reactivate, wait_for_stage=WorkflowUpdateStage.ACCEPTED)

    async def end(self) -> DeletionStatus:
        return await self.flow.result()

    async def mails(self) -> list[tuple[MailKind, str]]:
        """Kind and name of each mail that was ordered, in their order."""
        orders = self.fakes.mail.recorded.calls
        return [(order.kind, order.key.rpartition(".")[2]) for order in orders]

    async def listed_state(self) -> str | None:
        return (await self.flow.describe()).typed_search_attributes.get(FLOW_STATE)

    async def blocked_on(self) -> str | None:
        return (await self.flow.describe()).typed_search_attributes.get(BLOCKED_ON)
