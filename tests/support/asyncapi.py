"""docs/asyncapi.yaml in tests: messages of server and client must match it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft7Validator

from tests.support.markdown_blocks import ROOT

PATH = ROOT / "docs" / "asyncapi.yaml"


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return found


def messages(operation: str) -> Mapping[str, str]:
    """Return the names of an operation's messages in the components, by their event: `say`, `hear` and, of the
    assistant, `say_in_chat` and `hear_in_chat`.
    """
    said = [message["$ref"].split("/")[1:] for message in document()["operations"][operation]["messages"]]
    return {
        event: document()[channels][channel][kind][event]["$ref"].rpartition("/")[2]
        for channels, channel, kind, event in said
    }


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/components/messages/{name}/payload", "components": document()["components"]})


def heard(text: str, operation: str = "hear") -> dict[str, Any]:
    """A frame of the server. Raises AssertionError when the document does not know it so."""
    frame: dict[str, Any] = json.loads(text)
    assert frame["event"] in messages(operation), frame
    assert faults(frame, operation) == [], frame
    return frame


def faults(frame: Mapping[str, Any], operation: str) -> list[str]:
    """What the document finds wrong with a frame of an operation."""
    return [error.message for error in _validator(messages(operation)[frame["event"]]).iter_errors(frame)]
