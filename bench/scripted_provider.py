"""A provider of models that says what a group wants, at full speed: the scripted server, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx

from config.settings import load_settings
from devstack.launch import ROOT
from devstack.model_server.script import Answer, Script
from devstack.model_server.server import KEY

SCRIPTED, STEADY = "scripted", "steady"
"""The model that answers, and one whose answers are kept: it says the same to the same."""
KEY_FILE = "scripted_key"
FACTS = f"""
wire = "openai"
model = "scripted"
key = "{KEY_FILE}"
context_tokens = 131072
max_output = 65536
"""


@contextmanager
def provider_running() -> Iterator[None]:
    """Run it during the block, in which DECODE_MODELS_FILE names its models. Answers are kept."""
    command = [sys.executable, "-m", "devstack.model_server", "--port", "0"]
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server,
    ):
        try:
            assert server.stdout
            variables = _settings(Path(folder), server.stdout.readline().strip())
            with patch.dict(os.environ, {f"DECODE_{name}": value for name, value in variables.items()}):
                yield
        finally:
            server.terminate()


def _settings(folder: Path, url: str) -> dict[str, str]:
    file, secrets = folder / "models.toml", folder / "secrets"
    secrets.mkdir()
    (secrets / KEY_FILE).write_text(KEY, encoding="utf-8")
    facts = f'base_url = "{url}/v1"{FACTS}'
    steady = f"[models.{STEADY}]\n{facts}temperature = 0\ncan_call_tools = false\n"
    file.write_text(f'chain = ["{SCRIPTED}"]\n[models.{SCRIPTED}]\n{facts}{steady}', encoding="utf-8")
    return {"MODELS_FILE": str(file), "SECRETS_DIR": str(secrets), "CHAT_CACHE": "on"}


@dataclass(frozen=True)
class Provider:
    """The running one."""

    http: httpx.AsyncClient

    async def play(self, answer: Answer) -> None:
        """Answer so from now on."""
        script = Script(answers=(answer,)).model_dump_json()
        (await self.http.put("/script", content=script)).raise_for_status()

    async def asked(self) -> Sequence[dict[str, Any]]:
        """Return what it was asked since the last call, oldest first, and forget that."""
        asked: list[dict[str, Any]] = (await self.http.get("/asked")).json()["asked"]
        await self.http.delete("/asked")
        return asked


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Speak with the provider of the settings."""
    models = load_settings().models
    assert models
    url = str(models.models[SCRIPTED].base_url).removesuffix("/v1")
    async with httpx.AsyncClient(base_url=url) as http:
        yield Provider(http)
