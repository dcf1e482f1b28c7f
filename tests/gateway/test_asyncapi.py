"""docs/asyncapi.yaml is an AsyncAPI 3 document and accepts the same frames as the server."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from api.assistant.schemas import sockets as assistant
from api.notifications.schemas import sockets as notifications
from api.sockets.close_codes import CloseCode
from api.sockets.frames import BadFrame, parse_frame
from tests.gateway.test_bad_frames import BAD
from tests.support.asyncapi import document, faults, messages

ID = "0123456789abcdef01234567"
GOOD: dict[str, dict[str, dict[str, Any]]] = {
    "say": {
        "authenticate": {"token": "x.y.z", "after": 7},
        "resume": {"after": 0},
        "ack": {"seq": 7},
        "mark_notification_read": {"notificationId": ID},
        "ping": {},
        "pong": {},
    },
    "say_in_chat": {
        "authenticate": {"token": "x.y.z", "chat_id": ID},
        "user_message": {"text": "hello"},
        "user_message_stream": {"text": "hello", "message_id": "first-one", "mode": "interrupt"},
        "resume": {"turn_id": ID, "part": 0, "offset": 12},
        "stop_turn": {"turn_id": ID},
        "retry_turn": {"turn_id": ID},
        "answer_approval": {"call_id": "call-0001", "decision": "once"},
        "list_tools": {"category": "read", "includeDeprecated": True},
        "get_tool_info": {"toolName": "echo"},
        "call_tool": {"toolName": "echo", "parameters": {"text": "hello"}, "callId": "call-0001"},
        "get_history": {"before": 7, "limit": 50},
        "get_session_info": {},
        "ping": {},
        "pong": {},
    },
}
EVENTS_OF = {"say": notifications.EVENTS, "say_in_chat": assistant.EVENTS}
FRAMES = [(operation, event) for operation, frames in GOOD.items() for event in frames]


def references(node: Any) -> list[str]:
    """Return every `$ref` at any depth of the node."""
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [each for value in node.values() for each in references(value)]
    return [each for value in node for each in references(value)] if isinstance(node, list) else []


def test_document_is_asyncapi_3() -> None:
    assert document()["asyncapi"] == "3.0.0"
    assert {"info", "channels", "operations", "components"} <= set(document())


def test_references_resolve() -> None:
    for reference in references(document()):
        found: Any = document()
        for name in reference.removeprefix("#/").split("/"):
            assert name in found, reference
            found = found[name]


@pytest.mark.parametrize("event", document()["components"]["messages"])
def test_payload_is_a_schema(event: str) -> None:
    Draft7Validator.check_schema(document()["components"]["messages"][event]["payload"])


@pytest.mark.parametrize("operation", GOOD)
def test_document_names_the_events_of_the_server(operation: str) -> None:
    assert set(messages(operation)) == set(EVENTS_OF[operation]) == set(GOOD[operation])


@pytest.mark.parametrize(("operation", "event"), FRAMES)
def test_good_frame_passes_document_and_server(operation: str, event: str) -> None:
    frame, shapes = {"event": event, "data": GOOD[operation][event]}, EVENTS_OF[operation]

    assert faults(frame, operation) == []
    assert isinstance(parse_frame(json.dumps(frame), shapes), shapes[event])


@pytest.mark.parametrize(("operation", "event"), [frame for frame in FRAMES if frame[1] != "pong"])
def test_unknown_field_fails_the_document(operation: str, event: str) -> None:
    assert faults({"event": event, "data": {**GOOD[operation][event], "more": 1}}, operation) != []


@pytest.mark.parametrize("name", [name for name in BAD if name != "second authentication"])
def test_bad_frame_is_refused_by_the_parser(name: str) -> None:
    with pytest.raises(BadFrame):
        parse_frame(BAD[name], notifications.EVENTS)


@pytest.mark.parametrize("code", CloseCode)
def test_document_describes_each_close_code(code: CloseCode) -> None:
    assert f"| {code} |" in document()["info"]["description"]
