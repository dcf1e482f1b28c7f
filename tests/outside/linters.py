"""What the linters of others find in the two documents of the contract."""

import json
from pathlib import Path

from tests.outside.node_tools import FOLDER, run, tool

_NO_ID = "The other path says `profile` where this one has an id, and ids are 24 hex digits."
ACCEPTED = {
    ("info-license", "#/info"): "No licence has been chosen: that is for the owner of the code.",
    ("operation-4xx-response", "#/paths/~1.well-known~1jwks.json/get/responses"): "It takes no input.",
    ("operation-4xx-response", "#/paths/~1/get/responses"): "It takes no input.",
    ("operation-4xx-response", "#/paths/~1health/get/responses"): "It takes no input.",
    ("operation-4xx-response", "#/paths/~1health~1live/get/responses"): "It takes no input.",
    ("no-ambiguous-paths", "#/paths/~1users~1{user_id}~1access"): _NO_ID,
    ("no-ambiguous-paths", "#/paths/~1users~1{user_id}~1api-keys"): _NO_ID,
    ("no-ambiguous-paths", "#/paths/~1users~1{user_id}~1grants"): _NO_ID,
}
"""Findings of redocly's recommended rules that stay, by rule and place, with the reason."""


def openapi_findings(document: Path) -> set[tuple[str, str]]:
    """Return rule and place of each error and warning of `redocly lint`. Raises ToolFailed."""
    printed = run([tool("redocly"), "lint", "--extends=recommended", "--format=json", str(document)], FOLDER)
    return {(each["ruleId"], each["location"][0]["pointer"]) for each in json.loads(printed)["problems"]}


def asyncapi_findings(document: Path) -> list[str]:
    """Return the message of each error and warning of `@asyncapi/parser`. Raises ToolFailed."""
    found = json.loads(run(["node", "asyncapi.mjs", str(document)], FOLDER))
    return [each["message"] for each in found]
