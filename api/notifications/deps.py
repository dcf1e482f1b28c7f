"""Dependencies of the notifications routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.area_resources import NotificationResources
from api.deps import provide_resources
from api.notifications.gateway.gateway import NotificationGateway


async def _gateway(request: Request) -> NotificationGateway:
    gateway: NotificationGateway = request.app.state.notification_gateway
    return gateway


GatewayDep = Annotated[NotificationGateway, Depends(_gateway)]

ResourcesDep = Annotated[NotificationResources, Depends(provide_resources)]
