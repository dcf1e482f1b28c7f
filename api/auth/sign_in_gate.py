"""What follows a right password or wallet: a session on a trusted device, elsewhere a flow that asks for the rest."""

from dataclasses import dataclass

from fastapi import Response

from adapters.area_resources import AuthResources
from api.access.request_context import Occasion
from api.access.session_cache import KnownSessions
from api.auth.tokens import Tokens
from api.background.notifications import NotificationWakes
from api.flows.client import Flows
from api.flows.start import Start
from api.http.responses import accepted, answer
from domain.auth.devices import DeviceFacts, DeviceFields
from domain.auth.errors import InvalidCredentials
from domain.auth.sessions import AuthStrength, Opening, Session, opening_of
from domain.email_address import email_key
from domain.errors import FlowClosed
from domain.flows import FlowKind
from domain.users.security_events import EventKind
from domain.users.users import User
from workflows.auth.sign_in import SignIn, SignInOrder
from workflows.queues import Queue

KIND = FlowKind.SIGN_IN


@dataclass(frozen=True)
class FirstProof:
    """Who has proved to be whom, by what, on which device. `request` names a request that may be repeated."""

    user: User
    by: AuthStrength
    device: DeviceFields
    is_device_trusted: bool
    request: str | None
    body_hash: str


@dataclass(frozen=True)
class _Needs:
    """What a first proof still lacks."""

    device_code: bool
    second_factor: bool


@dataclass(frozen=True)
class SignInGate:
    resources: AuthResources
    tokens: Tokens
    flows: Flows
    known: KnownSessions
    wakes: NotificationWakes
    occasion: Occasion

    async def enter(self, proof: FirstProof) -> Response:
        """S, or 202 with a flow. A repeated request opens what it has opened before.

        Raises InvalidCredentials when account or device have lost their standing meanwhile, IdempotencyKeyReused.
        """
        fingerprint = self.resources.hashes.fingerprint(proof.user.user_id, proof.device.fingerprint_typed)
        facts = DeviceFacts(fingerprint, proof.device.browser, proof.device.device)
        needs = await self._needs(proof)
        if needs.device_code or needs.second_factor:
            return await self._begin_flow(proof, needs)
        opening = self._opening(proof, facts)
        if not await self.resources.auth.sessions.open(opening):
            raise InvalidCredentials
        await self.known.account_changed(proof.user.user_id)
        self.wakes.wake(proof.user.user_id)
        if proof.request is None:
            return self._welcomed(opening.session)
        return await self.signed_in(opening.session.session_id)

    async def signed_in(self, session_id: str) -> Response:
        """The session with its tokens. Raises FlowClosed when it is gone already."""
        session = await self.resources.auth.sessions.find(session_id)
        if session is None:
            raise FlowClosed
        self.wakes.wake(session.user_id)
        return self._welcomed(session)

    def _welcomed(self, session: Session) -> Response:
        return answer(self.tokens.first_of(session, self.occasion.now), "Login successful")

    async def _needs(self, proof: FirstProof) -> _Needs:
        two_factor = await self.resources.auth.two_factors.find(proof.user.user_id)
        has_second_factor = two_factor is not None and two_factor.is_enabled
        return _Needs(device_code=not proof.is_device_trusted, second_factor=has_second_factor)

    async def _begin_flow(self, proof: FirstProof, needs: _Needs) -> Response:
        order = self._order(proof, needs)
        start = Start(
            run=SignIn.run,
            order=order,
            queue=Queue.IDENTITY,
            subject_hash=self.resources.hashes.subject(email_key(order.email_address)),
            summary="Sign-in that needs more than its first proof",
        )
        return accepted(await self.flows.start(start, SignIn.begun, self.occasion.now), "One more proof is needed")

    def _opening(self, proof: FirstProof, facts: DeviceFacts) -> Opening:
        hashes, user = self.resources.hashes, proof.user
        return opening_of(
            self.occasion.event(EventKind.SIGNED_IN, user.user_id, device=facts.label),
            facts,
            session_id=hashes.object_id(proof.request, "session") if proof.request else hashes.new_object_id(),
            username=user.username,
            role=user.role,
            device_id=hashes.device_id(user.user_id, facts.fingerprint),
            app=proof.device.app,
            auth_strength=(proof.by,),
            epoch=user.session_epoch,
            trusts_device=False,
            is_stepped_up=proof.by.steps_up,
        )

    def _order(self, proof: FirstProof, needs: _Needs) -> SignInOrder:
        hashes, codes, user = self.resources.hashes, self.resources.codes, proof.user
        return SignInOrder(
            flow_id=hashes.flow_id(KIND, proof.request),
            user_id=user.user_id,
            user_key=hashes.workflow_key(user.user_id),
            username=user.username,
            role=user.role,
            email_address=user.email_address,
            device=proof.device,
            address_prefix=self.occasion.address_prefix,
            epoch=user.session_epoch,
            needs_device_code=needs.device_code,
            needs_second_factor=needs.second_factor,
            asked_at=self.occasion.now,
            key_id=codes.current_key_id,
            code_life_seconds=self.resources.code_life_seconds,
            body_hash=proof.body_hash,
            first_proof=proof.by,
        )
