"""The models that can answer, and what they were asked, over HTTP."""

from datetime import UTC, datetime

import httpx
import pytest

from adapters.resources import Resources
from domain.assistant.model_usage import ModelCall
from domain.assistant.turns import Usage
from tests.support.chats import CHATS, answered, new_chat
from tests.support.envelope import data, details, fields, refusal
from tests.support.people import SignedIn
from tests.support.rights import make_admin

USAGE = "/assistant/usage"


async def test_models_are_listed_without_key_or_address(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert data(await api.get("/assistant/models", headers=someone.bearer)) == {
        "models": [{"name": "mock", "can_call_tools": True, "context_tokens": 131_072}],
        "default": "mock",
    }


async def test_chat_names_a_model_that_there_is(api: httpx.AsyncClient, someone: SignedIn) -> None:
    known, unknown = [await api.post(CHATS, json={"model": name}, headers=someone.bearer) for name in ("mock", "x")]

    assert data(known, 201)["model"] == "mock"
    assert details(unknown) == [{"field": "body.model", "message": "there is no such model"}]


async def test_user_sees_what_a_turn_has_used_up(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await answered(api, someone, await new_chat(api, someone), "say two words")

    usage = data(await api.get(USAGE, headers=someone.bearer))

    (day,) = usage["days"]
    assert (day["day"], usage["to"]) == (datetime.now(UTC).date().isoformat(),) * 2
    assert (day["model"], day["turns"], day["completion_tokens"], day["cost"]) == ("mock", 1, 2, None)


async def test_message_beyond_the_days_tokens_is_refused_until_midnight(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    messages = f"{CHATS}/{await new_chat(api, someone)}/messages"
    keyed = someone.bearer | {"Idempotency-Key": "a-message-of-today"}
    first = data(await api.post(messages, json={"text": "count 100"}, headers=keyed), 202)
    await spend_all(resources, someone)

    again = data(await api.post(messages, json={"text": "count 100"}, headers=keyed), 202)
    refused = await api.post(messages, json={"text": "more"}, headers=someone.bearer)

    assert again["turn"]["turn_id"] == first["turn"]["turn_id"]
    assert refusal(refused) == (429, "TokenBudgetSpent")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400


@pytest.mark.parametrize("query", ["from=2026-03-02&to=2026-03-01", "from=2025-01-01&to=2026-03-01", "from=yesterday"])
async def test_period_that_is_none_is_refused(api: httpx.AsyncClient, someone: SignedIn, query: str) -> None:
    assert fields(await api.get(f"{USAGE}?{query}", headers=someone.bearer)) == {"query.from"}


async def test_usage_of_all_is_for_admins(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    admin = await make_admin(resources)

    assert refusal(await api.get(f"{USAGE}/all", headers=someone.bearer)) == (403, "Forbidden")
    assert "days" in data(await api.get(f"{USAGE}/all", headers=admin.bearer))


async def spend_all(resources: Resources, someone: SignedIn) -> None:
    """Use up what the user has for today."""
    turn_id, usage = resources.hashes.new_object_id(), Usage(200_000)
    call = ModelCall(someone.user["_id"], turn_id, 1, 0, 1, "mock", datetime.now(UTC), usage, cost_micro=None)
    await resources.assistant.model_usage.record(call)
