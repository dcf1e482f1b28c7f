"""Dependencies of the notifications routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import NotificationResources
from api.deps import all_resources
from api.notifications.gateway.gateway import Gateway as SocketGateway


async def _gateway(request: Request) -> SocketGateway:
    gateway: SocketGateway = request.app.state.gateway
    return gateway


GatewayDep = Annotated[SocketGateway, Depends(_gateway)]

Resources = Annotated[NotificationResources, Depends(all_resources)]
