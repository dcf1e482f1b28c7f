"""Flows as their ids show them, of any kind."""

import httpx

from tests.support.envelope import data


async def state_of(api: httpx.AsyncClient, flow_id: str) -> str:
    return str(data(await api.get(f"/flows/{flow_id}"))["state"])
