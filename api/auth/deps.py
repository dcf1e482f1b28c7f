"""Dependencies of the auth routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import AuthResources
from api.access.request_context import current_time
from api.access.request_limits import limits_of
from api.auth.login_throttle import LoginThrottle as Throttle
from api.auth.sign_in_gate import SignInGate as SignIns
from api.auth.step_up_gate import StepUpGate
from api.auth.tokens import SessionTokenIssuer as SessionTokens
from api.auth.wallet_proofs import WalletVerifier as WalletProofGate
from api.deps import all_resources, flows_of, known_sessions_of, notification_wakes_of, occasion_of, resources_of


async def _tokens(request: Request) -> SessionTokens:
    resources = resources_of(request)
    return SessionTokens(resources.auth.session_tokens, resources.auth.access_tokens)


async def _login_throttle(request: Request) -> Throttle:
    return Throttle(resources_of(request), limits_of(request))


async def _step_up(request: Request) -> StepUpGate:
    return StepUpGate(resources_of(request), await occasion_of(request), limits_of(request))


async def _sign_in_gate(request: Request) -> SignIns:
    flows, known = await flows_of(request), await known_sessions_of(request)
    return SignIns(
        resources_of(request),
        await _tokens(request),
        flows,
        known,
        notification_wakes_of(request),
        await occasion_of(request),
    )


async def _wallet_proofs(request: Request) -> WalletProofGate:
    return WalletProofGate(resources_of(request), current_time())


TokensDep = Annotated[SessionTokens, Depends(_tokens)]
LoginThrottleDep = Annotated[Throttle, Depends(_login_throttle)]
StepUpDep = Annotated[StepUpGate, Depends(_step_up)]
SignInGateDep = Annotated[SignIns, Depends(_sign_in_gate)]
WalletVerifierDep = Annotated[WalletProofGate, Depends(_wallet_proofs)]

ResourcesDep = Annotated[AuthResources, Depends(all_resources)]
