"""Triggers an account's deletion, or its cancellation. The intent is stored on the account: this only saves time."""

import asyncio
import logging

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from adapters.crypto.keyed_hashes import KeyedHashes
from api.background.start import RPC_TIMEOUT, start_in_background
from api.http.outages import none_if_unavailable
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.users.users import User
from workflows.accounts.account_deletion import SUMMARY, AccountDeletion, account_deletion_workflow_id, deletion_input
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes

DEACTIVATED_SIGNAL = "left"
IGNORED_ERRORS = (RPCError, TimeoutError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError)
"""Temporal is unavailable, no workflow runs, or no worker answers: the intent stays open."""

logger = logging.getLogger("decode.api")


class DeletionTrigger:
    """Starts and wakes the AccountDeletion workflow of an account."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def trigger(self, user: User, deletion_key: str) -> None:
        """Start the deletion recorded under this key. A running workflow of an earlier deletion carries it out next.

        While Temporal is unavailable it is left to the sweep.
        """
        user_key, subject_hash = self._user_key(user), self._hashes.subject_hash(email_key(user.email_address))
        input = deletion_input(user.user_id, user_key, deletion_key=deletion_key, subject_hash=subject_hash)
        await none_if_unavailable(
            start_in_background(
                self._temporal,
                AccountDeletion.run,
                input,
                workflow_id=account_deletion_workflow_id(user_key),
                queue=Queue.BULK,
                summary=SUMMARY,
                signal=DEACTIVATED_SIGNAL,
                signal_args=[input],
                search_attributes=flow_attributes(FlowKind.ACCOUNT_DELETION, subject_hash),
            )
        )

    async def trigger_undo(self, user: User) -> None:
        """Notify the deletion workflow that the account is reactivated. On failure the sweep does it later."""
        flow = self._temporal.get_workflow_handle(account_deletion_workflow_id(self._user_key(user)))
        try:
            async with asyncio.timeout(RPC_TIMEOUT.total_seconds()):
                await flow.execute_update(AccountDeletion.reactivate)
        except IGNORED_ERRORS:
            logger.info("reactivation not delivered: the sweep does it")

    def _user_key(self, user: User) -> str:
        return self._hashes.workflow_key(user.user_id)
