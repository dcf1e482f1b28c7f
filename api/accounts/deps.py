"""Dependencies of the accounts routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import AccountResources
from api.access.request_context import current_time
from api.access.request_limits import limits_of
from api.accounts.account_changes import AccountChanges
from api.accounts.registration_gate import RegistrationGate
from api.deps import get_flows, get_resources, get_session_cache, provide_resources


async def _account_changes(request: Request) -> AccountChanges:
    return AccountChanges(get_resources(request), await get_session_cache(request))


async def _registration_gate(request: Request) -> RegistrationGate:
    return RegistrationGate(get_resources(request), await get_flows(request), limits_of(request), current_time())


AccountChangesDep = Annotated[AccountChanges, Depends(_account_changes)]
RegistrationGateDep = Annotated[RegistrationGate, Depends(_registration_gate)]

ResourcesDep = Annotated[AccountResources, Depends(provide_resources)]
