"""The real model server of the stack, as the product is told of it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from devstack.stack import Stack


@dataclass(frozen=True, slots=True)
class Llama:
    """`url` is what the paths of both wires follow, `key` what it asks for."""

    url: str
    key: str


def running_llama(stack: Stack) -> Llama:
    """Return the llama.cpp server of a stack that is up with it."""
    variables = stack.environment()
    models = tomllib.loads(Path(variables["DECODE_MODELS_FILE"]).read_text(encoding="utf-8"))["models"]
    key = Path(variables["DECODE_SECRETS_DIR"], models["llama"]["key"])
    return Llama(models["llama"]["base_url"], key.read_text(encoding="utf-8"))
