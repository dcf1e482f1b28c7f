"""Sign-in after a verified password or wallet: a session on a trusted device, otherwise a flow for the other proofs."""

from dataclasses import dataclass, replace

from fastapi import Response

from adapters.area_resources import AuthResources
from api.access.request_context import RequestContext
from api.access.session_cache import SessionCache
from api.auth.tokens import SessionTokenIssuer
from api.flows.client import FlowClient
from api.flows.start import FlowStart
from api.http.responses import accepted_response, success_response
from domain.auth.devices import DeviceInfo, DeviceInput
from domain.auth.errors import InvalidCredentials
from domain.auth.sessions import AuthStrength, NewSession, OpeningOutcome, Session, new_session
from domain.email_address import email_key
from domain.errors import FlowClosed
from domain.flows import FlowKind
from domain.users.security_events import EventKind
from domain.users.users import User
from workflows.auth.sign_in import SignIn, SignInInput
from workflows.queues import Queue

KIND = FlowKind.SIGN_IN


@dataclass(frozen=True)
class FirstProof:
    """The verified user, kind of proof and device. `has_second_factor`: one is still to be proved. `request_key`: None
    for a request without an Idempotency-Key. `wallet_address`: the wallet that was the proof, if it was one.
    """

    user: User
    auth_strength: AuthStrength
    device: DeviceInput
    is_device_trusted: bool
    has_second_factor: bool
    request_key: str | None
    body_hash: str
    wallet_address: str | None = None


@dataclass(frozen=True)
class _Needs:
    """The proofs still required after the first."""

    device_code: bool
    second_factor: bool


@dataclass(frozen=True)
class SignInGate:
    """Opens a session after the first proof, or starts the sign-in flow."""

    resources: AuthResources
    tokens: SessionTokenIssuer
    flows: FlowClient
    session_cache: SessionCache
    context: RequestContext

    async def sign_in(self, proof: FirstProof) -> Response:
        """Return 200 with the session, or 202 with a flow. A repeated request returns the session or flow of the first.

        Raises InvalidCredentials if account, device or wallet has lost its status meanwhile, or IdempotencyKeyReused.
        """
        fingerprint = self.resources.hashes.fingerprint_hash(proof.user.user_id, proof.device.fingerprint_typed)
        facts = DeviceInfo(fingerprint, proof.device.browser, proof.device.device)
        needs = _Needs(device_code=not proof.is_device_trusted, second_factor=proof.has_second_factor)
        if needs.device_code or needs.second_factor:
            return await self._begin_flow(proof, needs)
        opened = await self.resources.auth.sign_ins.open(self._new_session(proof, facts))
        if opened.outcome is OpeningOutcome.SECOND_FACTOR_MISSING:
            return await self._begin_flow(proof, replace(needs, second_factor=True))
        if opened.session is None:
            raise InvalidCredentials
        await self.session_cache.invalidate_user(proof.user.user_id)
        return self._respond(opened.session)

    async def session_response(self, session_id: str) -> Response:
        """Return the response with a session and its tokens. Raises FlowClosed if the session no longer exists."""
        session = await self.resources.auth.sessions.find(session_id)
        if session is None:
            raise FlowClosed
        return self._respond(session)

    def _respond(self, session: Session) -> Response:
        return success_response(self.tokens.issue_first(session, self.context.now), "Login successful")

    async def _begin_flow(self, proof: FirstProof, needs: _Needs) -> Response:
        input = self._input(proof, needs)
        start = FlowStart(
            run=SignIn.run,
            input=input,
            queue=Queue.IDENTITY,
            subject_hash=self.resources.hashes.subject_hash(email_key(input.email_address)),
            summary="Sign-in that needs more than its first proof",
        )
        return accepted_response(
            await self.flows.start(start, SignIn.wait_started, self.context.now), "One more proof is needed"
        )

    def _new_session(self, proof: FirstProof, facts: DeviceInfo) -> NewSession:
        hashes, user = self.resources.hashes, proof.user
        return new_session(
            self.context.new_event(EventKind.SIGNED_IN, user.user_id, device=facts.label),
            facts,
            session_id=hashes.derive_object_id(proof.request_key, "session")
            if proof.request_key
            else hashes.new_object_id(),
            username=user.username,
            role=user.role,
            device_id=hashes.device_id(user.user_id, facts.fingerprint),
            app=proof.device.app,
            auth_strength=(proof.auth_strength,),
            epoch=user.session_epoch,
            trusts_device=False,
            is_stepped_up=proof.auth_strength.counts_as_step_up,
            wallet_address=proof.wallet_address,
        )

    def _input(self, proof: FirstProof, needs: _Needs) -> SignInInput:
        hashes, codes, user = self.resources.hashes, self.resources.codes, proof.user
        return SignInInput(
            flow_id=hashes.new_flow_id(KIND, proof.request_key),
            user_id=user.user_id,
            user_key=hashes.workflow_key(user.user_id),
            username=user.username,
            role=user.role,
            email_address=user.email_address,
            device=proof.device,
            address_prefix=self.context.client_network,
            epoch=user.session_epoch,
            needs_device_code=needs.device_code,
            needs_second_factor=needs.second_factor,
            asked_at=self.context.now,
            key_id=codes.current_key_id,
            code_life_seconds=self.resources.code_life_seconds,
            body_hash=proof.body_hash,
            first_proof=proof.auth_strength,
            wallet_address=proof.wallet_address,
        )
