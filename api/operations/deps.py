"""What routes of operations ask for besides api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters.resources import Resources as EveryResource
from api.deps import all_resources
from api.operations.dependencies import Dependencies


async def _health(request: Request) -> Dependencies:
    health: Dependencies = request.app.state.health
    return health


Health = Annotated[Dependencies, Depends(_health)]

Resources = Annotated[EveryResource, Depends(all_resources)]
