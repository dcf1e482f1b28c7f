"""Dependencies of the notifications routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import NotificationResources
from api.deps import provide_resources
from api.notifications.gateway.gateway import Gateway


async def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


GatewayDep = Annotated[Gateway, Depends(_gateway)]

ResourcesDep = Annotated[NotificationResources, Depends(provide_resources)]
