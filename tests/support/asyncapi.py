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


def events(operation: str) -> list[str]:
    """Return the names of the messages of the operation `say` or `hear`."""
    return [message["$ref"].rpartition("/")[2] for message in document()["operations"][operation]["messages"]]


@cache
def _validator(event: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/components/messages/{event}/payload", "components": document()["components"]})


def heard(text: str) -> dict[str, Any]:
    """A frame of the server. Raises AssertionError when the document does not know it so."""
    frame: dict[str, Any] = json.loads(text)
    assert frame["event"] in events("hear"), frame
    assert faults(frame) == [], frame
    return frame


def faults(frame: Mapping[str, Any]) -> list[str]:
    """What the document finds wrong with a frame."""
    return [error.message for error in _validator(frame["event"]).iter_errors(frame)]
