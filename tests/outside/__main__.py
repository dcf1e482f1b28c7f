"""Holds the running stack against foreign tools: `python -m tests.outside`.

Linters read the document that the API serves; clients generated from it play their journeys. Exit code 1 when a step
fails.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from devstack.errors import StackError
from devstack.npm import install
from devstack.stack import Stack
from tests.outside.generated_clients import (
    Target,
    generate_python,
    generate_typescript,
    play_python,
    play_typescript,
)
from tests.outside.linters import ACCEPTED, asyncapi_findings, openapi_findings
from tests.outside.node_tools import FOLDER, ToolFailed
from tests.support.asyncapi import PATH as ASYNCAPI
from tests.support.clients import random_client_address


def main() -> int:
    stack = Stack(Path(os.environ.get("DECODE_RUN", ".run")))
    try:
        with tempfile.TemporaryDirectory() as folder:
            _check_all(stack, Path(folder))
    except (StackError, ToolFailed, httpx.HTTPError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _check_all(stack: Stack, folder: Path) -> None:
    _step("install the tools from npm", lambda: install(FOLDER))
    document = folder / "openapi.json"
    document.write_bytes(httpx.get(f"{stack.url('api')}/openapi.json").raise_for_status().content)
    _step("redocly lint", lambda: _none(sorted(openapi_findings(document) - ACCEPTED.keys())))
    _step("@asyncapi/parser", lambda: _none(asyncapi_findings(ASYNCAPI)))
    python, typescript = folder / "python", folder / "typescript"
    python.mkdir()
    _step("openapi-python-client: generate", lambda: generate_python(document, python))
    _step("openapi-python-client: journey", lambda: play_python(python, _target(stack)))
    _step("openapi-typescript, hey-api: generate, compile", lambda: generate_typescript(document, typescript))
    _step("openapi-typescript: journey", lambda: play_typescript(typescript, _target(stack), "openapi_fetch"))
    _step("hey-api: journey", lambda: play_typescript(typescript, _target(stack), "hey_api"))


def _step(name: str, do: Callable[[], None]) -> None:
    before = time.perf_counter()
    do()
    sys.stdout.write(f"  {name:<50} {time.perf_counter() - before:5.1f} s\n")
    sys.stdout.flush()


def _none(findings: object) -> None:
    if findings:
        raise ToolFailed(f"findings: {findings}")


def _target(stack: Stack) -> Target:
    """Each journey has a client network of its own, so that no limit is used up."""
    return Target(stack.url("api"), stack.url("mailbox"), random_client_address())


if __name__ == "__main__":
    sys.exit(main())
