"""Makes and rotates API keys for their owners, once for each Idempotency-Key."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.area_resources import AuthResources
from adapters.mongo.idempotency import Receipt
from api.access.authentication import DeviceCaller
from api.access.idempotency import IdempotentRequest
from api.access.request_context import RequestContext
from api.access.role_catalogue import RoleCatalogue
from api.access.step_up_gate import StepUpGate
from api.auth.schemas.api_keys import ApiKeyView, CreateApiKeyRequest, IssuedApiKey, RotateApiKeyRequest
from api.background.security_notices import NoticeTrigger
from domain.auth.api_keys import ApiKey, require_scopes
from domain.auth.errors import ApiKeyNotFound
from domain.moments import format_timestamp
from domain.users.security_events import EventKind, SecurityEvent


@dataclass(frozen=True)
class KeyIssuer:
    """Issues keys in one request. Secrets are derived from it and its time, so that a repeat, for as long as its answer
    is kept, gets the same, a later request with its Idempotency-Key another, and none is stored.
    """

    resources: AuthResources
    catalogue: RoleCatalogue
    idempotent: IdempotentRequest
    context: RequestContext
    notices: NoticeTrigger
    step_up: StepUpGate

    async def create(self, caller: DeviceCaller, body: CreateApiKeyRequest) -> IssuedApiKey:
        """Return a new key of the caller's.

        Raises InvalidInput for a scope that the caller does not have, ApiKeyLimit, IdempotencyKeyReused, and what the
        step-up raises.
        """
        seed, auth, now = self._seed(), self.resources.auth, self.context.now
        prefix = auth.api_key_secrets.new_prefix(secrets.token_urlsafe(32))
        secret_hash = auth.api_key_secrets.stored_hash(self._text(prefix, seed, now))
        key = body.new_key(self.context.hashes.new_object_id(), prefix, secret_hash, caller.user, now)

        async def work() -> ApiKeyView:
            await self.step_up.require(caller, body.proofs)
            require_scopes(body.scopes, await self.catalogue.permissions_of(caller.user, now))
            event = self._event(EventKind.API_KEY_CREATED, caller)
            view = ApiKeyView.of(key, caller.user, now)
            await auth.api_keys.create(key, event, self.idempotent.new_receipt(body, view))
            await self.notices.trigger(event)
            return view

        return self._issued(await self.idempotent.run_once(body, ApiKeyView, work), seed)

    async def rotate(self, caller: DeviceCaller, key_id: str, body: RotateApiKeyRequest) -> IssuedApiKey:
        """Return a key of the caller's with a new secret.

        Raises ApiKeyNotFound, IdempotencyKeyReused, and what the step-up raises.
        """
        seed = self._seed()

        def receipt(key: ApiKey) -> Receipt | None:
            return self.idempotent.new_receipt(body, ApiKeyView.of(key, caller.user, self.context.now))

        async def work() -> ApiKeyView:
            await self.step_up.require(caller, body.proofs)
            secret_hash = await self._new_secret_hash(caller, key_id, seed)
            event = self._event(EventKind.API_KEY_ROTATED, caller)
            overlap = timedelta(seconds=body.overlap_seconds)
            key = await self.resources.auth.api_keys.rotate(key_id, secret_hash, overlap, event, receipt)
            await self.notices.trigger(event)
            return ApiKeyView.of(key, caller.user, self.context.now)

        return self._issued(await self.idempotent.run_once(body, ApiKeyView, work), seed)

    async def _new_secret_hash(self, caller: DeviceCaller, key_id: str, seed: str) -> bytes:
        """Raises ApiKeyNotFound."""
        auth = self.resources.auth
        key = await auth.api_keys.find(caller.user.user_id, key_id)
        if key is None:
            raise ApiKeyNotFound
        return auth.api_key_secrets.stored_hash(self._text(key.prefix, seed, self.context.now))

    def _seed(self) -> str:
        return self.idempotent.request_key or secrets.token_urlsafe(32)

    def _text(self, prefix: str, seed: str, at: datetime) -> str:
        return self.resources.auth.api_key_secrets.new_key(prefix, f"{seed}|{format_timestamp(at)}")

    def _issued(self, view: ApiKeyView, seed: str) -> IssuedApiKey:
        return IssuedApiKey(key=view, secret=self._text(view.prefix, seed, view.secrets[-1].begins_at))

    def _event(self, kind: EventKind, caller: DeviceCaller) -> SecurityEvent:
        return self.context.new_event(kind, caller.user.user_id, device=caller.device.info.label)
