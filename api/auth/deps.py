"""Dependencies of the auth routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import AuthResources
from api.access.request_context import current_time
from api.access.request_limits import limits_of
from api.auth.key_issuer import KeyIssuer
from api.auth.login_throttle import LoginThrottle
from api.auth.sign_in_gate import SignInGate
from api.auth.tokens import SessionTokenIssuer
from api.auth.wallet_verifier import WalletVerifier
from api.deps import (
    IdempotencyKey,
    get_caller_idempotent,
    get_flows,
    get_notices,
    get_request_context,
    get_resources,
    get_role_catalogue,
    get_session_cache,
    get_step_up,
    provide_resources,
)


async def _tokens(request: Request) -> SessionTokenIssuer:
    resources = get_resources(request)
    return SessionTokenIssuer(resources.auth.session_tokens, resources.auth.access_tokens)


async def _login_throttle(request: Request) -> LoginThrottle:
    return LoginThrottle(limits_of(request))


async def _sign_in_gate(request: Request) -> SignInGate:
    flows, known = await get_flows(request), await get_session_cache(request)
    return SignInGate(
        get_resources(request),
        await _tokens(request),
        flows,
        known,
        await get_request_context(request),
    )


async def _wallet_proofs(request: Request) -> WalletVerifier:
    return WalletVerifier(get_resources(request), current_time())


async def _key_issuer(request: Request, key: IdempotencyKey = None) -> KeyIssuer:
    return KeyIssuer(
        get_resources(request),
        await get_role_catalogue(request),
        await get_caller_idempotent(request, key),
        await get_request_context(request),
        await get_notices(request),
        await get_step_up(request),
    )


TokensDep = Annotated[SessionTokenIssuer, Depends(_tokens)]
LoginThrottleDep = Annotated[LoginThrottle, Depends(_login_throttle)]
SignInGateDep = Annotated[SignInGate, Depends(_sign_in_gate)]
KeyIssuerDep = Annotated[KeyIssuer, Depends(_key_issuer)]
WalletVerifierDep = Annotated[WalletVerifier, Depends(_wallet_proofs)]

ResourcesDep = Annotated[AuthResources, Depends(provide_resources)]
