"""Dependencies of the accounts routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import AccountResources
from api.accounts.account_changes import AccountChanges
from api.deps import get_notification_trigger, get_resources, get_session_cache, provide_resources


async def _account_changes(request: Request) -> AccountChanges:
    return AccountChanges(
        get_resources(request), await get_session_cache(request), await get_notification_trigger(request)
    )


AccountChangesDep = Annotated[AccountChanges, Depends(_account_changes)]

ResourcesDep = Annotated[AccountResources, Depends(provide_resources)]
