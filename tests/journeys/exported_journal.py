"""The journey of a journal that is exported, and verified by a stranger: with our published keys and one folder."""

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import domain.journal
from tests.journeys.steps import Apps, Step
from tests.support.mailbox import Mailbox

ENTRY, CHECKPOINT = '{"kind":"entry"', '{"kind":"checkpoint"'
"""How lines of the file begin."""


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    app = (await apps.register_admin(mailbox)).app
    flow_id = (await app.audit.begin_export()).flow_id
    await app.flows.wait(flow_id)
    exported = await app.audit.download_export(flow_id)
    assert isinstance(exported, str), exported
    yield Step("an admin exports the whole journal", flow_id)

    keys = (await app.system.get_jwks()).model_dump_json()
    code, said = await _verify(exported, keys)
    assert (code, said.partition(":")[0]) == (0, "intact"), said
    assert f"; {exported.count(CHECKPOINT)} checkpoints" in said, said
    yield Step("a stranger verifies it with our published keys alone")

    changed, number = _with_a_character_changed(exported)
    code, said = await _verify(changed, keys)
    assert (code, said.partition(":")[0]) == (1, f"broken at {number}"), said
    yield Step("one changed character is found, with the entry's number")


async def _verify(exported: str, keys: str) -> tuple[int | None, str]:
    """Return the exit code of our verifier, in a folder with nothing else and by a Python without packages, and what
    it says.
    """
    with TemporaryDirectory() as folder:
        command = (sys.executable, "-E", "-s", "-S", "-m", "domain.journal", *_lay_out(Path(folder), exported, keys))
        verifier = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=PIPE, stderr=STDOUT)
        said, _ = await verifier.communicate()
    return verifier.returncode, said.decode()


def _lay_out(folder: Path, exported: str, keys: str) -> tuple[str, ...]:
    """Write what the stranger has into the folder. Returns the arguments of the verifier."""
    shutil.copytree(Path(domain.journal.__path__[0]), folder / "domain" / "journal")
    (folder / "journal.ndjson").write_text(exported, encoding="utf-8")
    (folder / "jwks.json").write_text(keys, encoding="utf-8")
    return "journal.ndjson", "--keys", "jwks.json"


def _with_a_character_changed(exported: str) -> tuple[str, int]:
    """Put the newest entry into another millennium. Returns its number too."""
    newest = [line for line in exported.split("\n") if line.startswith(ENTRY)][-1]
    return exported.replace(newest, newest.replace('"at":"2', '"at":"3')), json.loads(newest)["seq"]
