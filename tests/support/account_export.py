"""Exports of accounts, as their owners ask for them and fetch them."""

import json
from typing import Any

import httpx

from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device

EXPORT = "/users/account/export"


async def begin(api: httpx.AsyncClient, someone: SignedIn, **headers: str) -> Json:
    flow: Json = data(await api.post(EXPORT, headers=on_device(someone) | headers), 202)
    return flow


async def fetch(api: httpx.AsyncClient, someone: SignedIn, flow_id: str) -> httpx.Response:
    return await api.get(f"{EXPORT}/{flow_id}", headers=on_device(someone))


async def ready(api: httpx.AsyncClient, someone: SignedIn) -> str:
    """Start an export and wait until it can be fetched. Returns its flow id."""
    flow_id = str((await begin(api, someone))["flow_id"])

    async def is_ready() -> bool:
        return (await fetch(api, someone, flow_id)).status_code == 200

    await eventually(is_ready, within=60)
    return flow_id


async def file(api: httpx.AsyncClient, someone: SignedIn) -> dict[str, list[Any]]:
    """Return all that is exported, by section."""
    gathered: dict[str, list[Any]] = json.loads((await fetch(api, someone, await ready(api, someone))).content)
    return gathered
