"""What routes of operations ask for besides api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from api.operations.dependencies import Dependencies


async def _health(request: Request) -> Dependencies:
    health: Dependencies = request.app.state.health
    return health


Health = Annotated[Dependencies, Depends(_health)]
