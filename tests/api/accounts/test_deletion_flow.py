"""The flow of an account's deletion, by its id: it waits for its date, and only reactivation cancels it."""

import httpx

from adapters.resources import Resources
from tests.support.account_deletion import DEACTIVATE, REACTIVATE, credentials, deactivate
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.flows import state_of
from tests.support.people import SignedIn
from tests.support.signed_in import on_device


async def test_deletion_waits_until_its_deletion_date(api: httpx.AsyncClient, someone: SignedIn) -> None:
    left = data(await api.patch(DEACTIVATE, headers=on_device(someone)))

    flow = data(await api.get(f"/flows/{left['flow_id']}"))

    assert (flow["kind"], flow["state"], flow["next"]) == ("account_deletion", "waiting", None)
    assert flow["expires_at"] == left["deletion_at"]


async def test_deletion_is_not_cancelled_by_its_flow_id(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await deactivate(api, someone)
    cancel = f"/flows/{flow_id}/cancel"
    stranger = await make_account(resources)

    assert refusal(await api.post(cancel)) == (401, "NotAuthenticated")
    assert refusal(await api.post(cancel, headers=on_device(someone))) == (401, "SessionRevoked")
    assert refusal(await api.post(cancel, headers=on_device(stranger))) == (404, "FlowNotFound")
    assert await state_of(api, flow_id) == "waiting"


async def test_cancelling_an_undone_deletion_is_no_error(api: httpx.AsyncClient, someone: SignedIn) -> None:
    flow_id = await deactivate(api, someone)
    data(await api.patch(REACTIVATE, json=credentials(someone)))
    session = data(await api.post("/auth/login", json=someone.person.credentials))

    cancelled = data(await api.post(f"/flows/{flow_id}/cancel", headers=on_device(someone, session)))

    assert cancelled["state"] == "cancelled"


async def test_unknown_deletion_is_no_flow(api: httpx.AsyncClient) -> None:
    assert refusal(await api.get(f"/flows/d{'A' * 32}")) == (404, "FlowNotFound")
