"""Has an account's deletion begun, or undone. The account itself is the intent: this only hurries."""

import asyncio
import logging

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from adapters.crypto.hashes import KeyedHashes
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
"""Temporal is away, nothing runs, nobody is at work: the intent stays open."""

logger = logging.getLogger("decode.api")


class DeletionTrigger:
    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def trigger(self, user: User, deletion_key: str) -> None:
        """Start the deletion that was recorded under this key; one that is just coming back does it next.

        With Temporal away the sweep does it later.
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
        """Tell the deletion that its account is back. Unheard, the sweep tells it later."""
        flow = self._temporal.get_workflow_handle(account_deletion_workflow_id(self._user_key(user)))
        try:
            async with asyncio.timeout(RPC_TIMEOUT.total_seconds()):
                await flow.execute_update(AccountDeletion.reactivate)
        except IGNORED_ERRORS:
            logger.info("deletion not told: the sweep will")

    def _user_key(self, user: User) -> str:
        return self._hashes.workflow_key(user.user_id)
