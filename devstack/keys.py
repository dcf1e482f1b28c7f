"""Keys and passwords of one run folder: created once, stored in `keys.env`, readable by its owner only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

MAKERS: dict[str, Callable[[], str]] = {
    "DECODE_ROOT_KEYS": lambda: f"dev1:{secrets.token_urlsafe(32)}",
    "DECODE_LOOKUP_SECRET": lambda: secrets.token_urlsafe(32),
    "DECODE_SIGNING_KEYS": lambda: f"dev1:{secrets.token_urlsafe(32)}",
    "DECODE_CODEC_TOKENS": lambda: f"dev:{secrets.token_urlsafe(24)}",
    "DECODE_NEO4J_PASSWORD": lambda: secrets.token_hex(16),
    "MAILBOX_PASSWORD": lambda: secrets.token_hex(16),
    "LLAMA_KEY": lambda: secrets.token_hex(16),
}
# Those of the servers alone; each server's `settings` hold what the product needs of them.
SERVER_KEYS = frozenset({"DECODE_NEO4J_PASSWORD", "MAILBOX_PASSWORD", "LLAMA_KEY"})


def kept_keys(path: Path) -> dict[str, str]:
    """Return the folder's keys by name; create the missing ones."""
    known = _read(path) if path.exists() else {}
    keys = {name: known.get(name) or make() for name, make in MAKERS.items()}
    if keys != known:
        write_private(path, "".join(f"{name}={value}\n" for name, value in keys.items()))
    return keys


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically; it is readable by its owner only, at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _read(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}
