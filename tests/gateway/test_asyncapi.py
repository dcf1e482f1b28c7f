"""docs/asyncapi.yaml is an AsyncAPI 3 document and accepts the same frames as the server."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from api.notifications.schemas.sockets import EVENTS
from api.sockets.close_codes import CloseCode
from api.sockets.frames import BadFrame, parse_frame
from tests.gateway.test_bad_frames import BAD
from tests.support.asyncapi import document, events, faults

ID = "0123456789abcdef01234567"
GOOD: dict[str, dict[str, Any]] = {
    "authenticate": {"token": "x.y.z", "after": 7},
    "resume": {"after": 0},
    "ack": {"seq": 7},
    "mark_notification_read": {"notificationId": ID},
    "ping": {},
    "pong": {},
}


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


def test_document_names_the_events_of_the_server() -> None:
    assert set(events("say")) == set(EVENTS) == set(GOOD)


@pytest.mark.parametrize("event", GOOD)
def test_good_frame_passes_document_and_server(event: str) -> None:
    frame = {"event": event, "data": GOOD[event]}

    assert faults(frame) == []
    assert isinstance(parse_frame(json.dumps(frame), EVENTS), EVENTS[event])


@pytest.mark.parametrize("event", [event for event in GOOD if event != "pong"])
def test_unknown_field_fails_the_document(event: str) -> None:
    assert faults({"event": event, "data": {**GOOD[event], "more": 1}}) != []


@pytest.mark.parametrize("name", [name for name in BAD if name != "second authentication"])
def test_bad_frame_is_refused_by_the_parser(name: str) -> None:
    with pytest.raises(BadFrame):
        parse_frame(BAD[name], EVENTS)


@pytest.mark.parametrize("code", CloseCode)
def test_document_describes_each_close_code(code: CloseCode) -> None:
    assert f"| {code} |" in document()["info"]["description"]
