"""The start of a registration: cheap checks come first, so of many who ask for one name only one costs a hash."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from adapters.area_resources import AccountResources
from api.access.idempotency import RequestKey
from api.access.request_limits import RequestLimits
from api.accounts.schemas.registration import RegisterRequest
from api.auth.password_policy import hash_unbreached, is_password_weak
from api.flows.answers import SLOT_RETRY_AFTER_SECONDS
from api.flows.client import FlowClient
from api.flows.start import FlowStart
from domain.accounts.errors import UsernameTaken
from domain.accounts.registration import START_HOLD, AddressHolder
from domain.auth.errors import WeakPassword
from domain.auth.password import normalize_password
from domain.codes import MAX_FLOW_DURATION
from domain.email_address import email_key, local_part
from domain.errors import RateLimited
from domain.flows import FlowKind, FlowState, FlowView
from domain.username import is_reserved, username_key
from workflows.accounts.registration import Registration, RegistrationInput
from workflows.flows import FlowCommand
from workflows.queues import Queue

KIND = FlowKind.REGISTRATION


@dataclass(frozen=True)
class RegistrationGate:
    """Starts a flow for a request that may have the name."""

    resources: AccountResources
    flows: FlowClient
    limits: RequestLimits
    now: datetime

    async def start(self, body: RegisterRequest, request_key: RequestKey) -> FlowView:
        """Return the new flow; for a repeated request that of the first.

        Raises WeakPassword, UsernameTaken, RateLimited, Overloaded, or what `FlowClient.start` raises.
        """
        flow_id = self.resources.hashes.new_flow_id(KIND, request_key.value)
        ask = FlowCommand(self.now, request_key.body_hash(body))
        earlier = await self.flows.find_started(flow_id, request_key.value, Registration.wait_started, ask)
        if earlier:
            return earlier
        password = normalize_password(body.password)
        if is_password_weak(password, self.resources, context=(body.username, local_part(body.email))):
            raise WeakPassword
        await self._require_free(body.username, self.flows.workflow_id(flow_id))
        async with self._held(body):
            encoded, holder = await asyncio.gather(
                hash_unbreached(password, self.resources),
                self.resources.accounts.address_holders.find(body.email, self.now),
            )
            return await self._start_flow(body, self._input(body, flow_id, ask.body_hash, encoded, holder))

    async def _require_free(self, username: str, workflow_id: str) -> None:
        """Raise UsernameTaken, or RateLimited if the client's network has no slot left."""
        if is_reserved(username):
            raise UsernameTaken
        account_id, has_slot = await asyncio.gather(
            self.resources.users.users.find_id_by_username(username_key(username)), self._has_slot(workflow_id)
        )
        if account_id is not None:
            raise UsernameTaken
        if not has_slot:
            raise RateLimited(retry_after=SLOT_RETRY_AFTER_SECONDS)

    async def _has_slot(self, workflow_id: str) -> bool:
        address_key, count = self.limits.address_key, self.limits.policies.open_holds
        if not address_key:
            return True
        slots = [self.resources.hashes.slot_key(address_key, number) for number in range(count)]
        return await self.resources.accounts.registrations.is_any_free(slots, workflow_id=workflow_id, now=self.now)

    @asynccontextmanager
    async def _held(self, body: RegisterRequest) -> AsyncIterator[None]:
        """Hold the name for this request; its flow holds it from its start on. Raises UsernameTaken."""
        request_id = f"request/{self.resources.hashes.new_object_id()}"
        if not await self._hold(body, request_id, until=self.now + START_HOLD):
            raise UsernameTaken
        try:
            yield
        finally:
            key = self.resources.hashes.username_hold_key(username_key(body.username))
            await self.resources.accounts.registrations.release_username(key, workflow_id=request_id)

    async def _hold(self, body: RegisterRequest, holder: str, *, until: datetime) -> bool:
        hashes = self.resources.hashes
        return await self.resources.accounts.registrations.reserve_username(
            hashes.username_hold_key(username_key(body.username)),
            applicant=hashes.email_hold_key(email_key(body.email)),
            workflow_id=holder,
            until=until,
            now=self.now,
        )

    async def _start_flow(self, body: RegisterRequest, input: RegistrationInput) -> FlowView:
        start = FlowStart(
            run=Registration.run,
            input=input,
            queue=Queue.IDENTITY,
            subject_hash=self.resources.hashes.subject_hash(email_key(body.email)),
            summary="Registration of a new account",
        )
        view = await self.flows.start(start, Registration.wait_started, self.now)
        if view.state is FlowState.RUNNING:
            # No worker has begun it yet: hold the name as the flow itself will.
            await self._hold(body, self.flows.workflow_id(input.flow_id), until=self.now + MAX_FLOW_DURATION)
        return view

    def _input(
        self, body: RegisterRequest, flow_id: str, body_hash: str, encoded: str, holder: AddressHolder | None
    ) -> RegistrationInput:
        return RegistrationInput(
            flow_id=flow_id,
            username=body.username,
            email_address=body.email,
            password_hashed=encoded,
            is_known=holder is not None,
            asked_at=self.now,
            key_id=self.resources.codes.current_key_id,
            code_life_seconds=self.resources.code_life_seconds,
            body_hash=body_hash,
            address_key=self.limits.address_key,
            holder=holder,
        )
