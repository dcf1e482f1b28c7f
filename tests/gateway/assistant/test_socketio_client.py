"""The unmodified `socket.io-client` plays what a client does: one option of it, `auth`, says who connects."""

import json
from collections.abc import AsyncIterator
from dataclasses import astuple
from pathlib import Path

import pytest

from adapters.resources import Resources
from api.assistant.gateway.event_codes import EVENT_CODES
from api.sockets import socket_checks
from config.rates import Rate
from config.settings import Settings
from devstack.npm import install
from devstack.stack import Stack
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.asyncapi import heard
from tests.support.envelope import Json
from tests.support.markdown_blocks import run_bash
from tests.support.people import SignedIn

FOLDER = Path(__file__).parent / "socketio"
ACCOUNTS = 5
LIMITED = {"rate_limits": "on", "limit_chat": Rate(10, 60)}
PING_AFTER, DROP_AFTER = 0.5, 2.0
COUNTED = " ".join(map(str, range(1, 61)))


@pytest.fixture(scope="module")
async def second_url(settings: Settings) -> AsyncIterator[str]:
    """URL of a second API, which limits messages and whose pings are due sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket_checks, "SILENCE_CHECK_SECONDS", 0.05)
        patch.setattr(socket_checks, "PING_AFTER_SECONDS", PING_AFTER)
        patch.setattr(socket_checks, "DROP_AFTER_SECONDS", DROP_AFTER)
        async with serving(settings, **LIMITED) as url:
            yield url


def facts(account: SignedIn) -> Json:
    """What the client knows of an account."""
    return {"token": account.session["access_token"], "session_token": account.session["session_token"]}


@pytest.fixture(scope="module")
async def seen(stack: Stack, second_url: str, resources: Resources) -> Json:
    """What the client has seen, by what it has played."""
    install(FOLDER)
    play = {
        "first": stack.url("api"),
        "second": second_url,
        "second_ping": {"after": PING_AFTER * 1000, "drop_after": DROP_AFTER * 1000},
        "accounts": [facts(await make_account(resources)) for _ in range(ACCOUNTS)],
    }
    found: Json = json.loads(await run_bash(f"node '{FOLDER}/play.mjs'", {"DECODE_PLAY": json.dumps(play)}))
    return found


def row(said: Json) -> tuple[str, int, str]:
    """Return what an envelope says of its event."""
    return said["code"], said["status"], said["description"]


def is_frame(event: str, said: Json) -> bool:
    """Whether the plain socket could say this, as docs/asyncapi.yaml has it."""
    frame = {"event": event, "data": said["data"], "timestamp": said["timestamp"], "userId": "0" * 24}
    return bool(heard(json.dumps(frame), "hear_in_chat"))


@pytest.mark.parametrize(
    ("name", "error", "status"),
    [
        ("token of another", "NotAuthenticated", 401),
        ("no token", "NotAuthenticated", 401),
        ("no chat", "InvalidInput", 422),
        ("another namespace", "InvalidInput", 422),
    ],
)
def test_refused_client_is_told_why_and_does_not_try_again(seen: Json, name: str, error: str, status: int) -> None:
    refused = seen[name]

    assert (refused["data"]["data"]["error"], refused["data"]["status"]) == (error, status)
    assert refused["message"] == refused["data"]["data"]["message"]
    assert not refused["isActive"]


def test_message_is_answered_and_a_streamed_one_in_chunks(seen: Json) -> None:
    talk = seen["talk"]

    assert talk["isNamed"]
    assert talk["response"]["text"] == "good morning"
    assert talk["heard"]["text"] == talk["end"]["fullResponse"] == " ".join(map(str, range(1, 31)))
    assert talk["heard"]["chunks"] > 3


def test_events_have_the_data_of_frames_in_the_envelope(seen: Json) -> None:
    events = seen["talk"]["events"]

    assert {event for event, _ in events} >= {"connected", "session_created", "stream_start", "stream_chunk"}
    assert [row(said) for _, said in events] == [astuple(EVENT_CODES[event]) for event, _ in events]
    assert all(is_frame(event, said) for event, said in events)


def test_acknowledgements_have_what_answers_the_event(seen: Json) -> None:
    answers = seen["talk"]["answers"]

    assert [row(said)[0] for _, said in answers] == [EVENT_CODES[event].code for event, _ in answers]
    assert [row(said)[1] for _, said in answers] == [202, 200, 200, 200, 200, 404]
    assert all(is_frame(event, said) for event, said in answers)


def test_what_was_acknowledged_comes_as_no_event(seen: Json) -> None:
    answered = {event for event, _ in seen["talk"]["answers"]}

    assert [event for event, _ in seen["talk"]["events"] if event in answered | {"tool_result"}] == ["message_accepted"]


def test_calls_at_once_are_acknowledged_each_with_its_own_result(seen: Json) -> None:
    assert [call["data"]["result"]["data"]["text"] for call in seen["talk"]["calls"]] == ["one", "two"]


def test_eleventh_message_is_over_the_limit(seen: Json) -> None:
    codes = seen["limit"]["codes"]

    assert codes == ["MSG_MESSAGE_ACCEPTED"] * 10 + ["RATE_LIMIT_EXCEEDED"]
    assert seen["limit"]["event"].keys() == {"code", "message", "remaining", "resetAt", "retryAfter"}


def test_client_that_lost_its_connection_resumes_at_another_process(seen: Json) -> None:
    move = seen["move"]

    assert (move["reason"], move["isSame"], move["state"]) == ("transport close", True, "running")
    assert move["text"] == move["fullResponse"] == COUNTED


def test_client_that_is_never_silent_is_pinged_all_the_same(seen: Json) -> None:
    assert seen["ping"]["pings"] >= 3
    assert seen["ping"]["pongs"] > 0
    assert seen["ping"]["disconnects"] == 0


def test_client_that_is_signed_out_is_told_why_and_does_not_come_back(seen: Json) -> None:
    ended = seen["sign-out"]

    assert (ended["error"]["data"]["error"], ended["error"]["status"]) == ("SessionRevoked", 401)
    assert (ended["reason"], ended["isActive"]) == ("io server disconnect", False)
