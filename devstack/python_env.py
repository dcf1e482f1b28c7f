"""Creates `.venv` and installs the development lock file into it; does nothing if it is up to date.

Runs on the system's Python before anything is installed: the standard library only, and no syntax that
an older Python cannot parse, so that it can report that it is too old.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from devstack.stamps import Stamp

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
LOCK_FILE = ROOT / "requirements-dev.lock"
FOLDER = ROOT / ".venv"
STAMP = Stamp(FOLDER / "decode-lock.sha256", [LOCK_FILE])
PYTHON = FOLDER / "bin" / "python"


def main() -> int:
    """Return exit code 0 once the environment matches the lock file, else 1 after one sentence."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        return _refuse(f"Decode needs Python 3.11 or newer, this is {found}; name yours: make PYTHON=python3.12")
    # Not at the top: an older Python could not parse it.
    from devstack.locks import held

    with held(ROOT / ".venv.lock"):
        if PYTHON.exists() and STAMP.is_current():
            return 0
        return _fill()


def _fill() -> int:
    sys.stderr.write("Filling .venv from requirements-dev.lock; the first time takes a minute or two.\n")
    if not PYTHON.exists() and not _ran([sys.executable, "-m", "venv", str(FOLDER)]):
        return _refuse("Python cannot make a venv; install it with: apt-get install -y python3-venv")
    if not (_sync_by_uv() or _install_by_pip()):
        return _refuse("The packages of requirements-dev.lock could not be installed; the reason is above.")
    STAMP.write()
    return 0


def _sync_by_uv() -> bool:
    uv = shutil.which("uv") or shutil.which("uv", path=str(PYTHON.parent))
    if uv is None and _ran([str(PYTHON), "-m", "pip", "install", "--quiet", "uv"]):
        uv = shutil.which("uv", path=str(PYTHON.parent))
    return uv is not None and _ran(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(LOCK_FILE)]
    )


def _install_by_pip() -> bool:
    # uv does not read pip's configuration: where only pip is configured for the registry, pip has to do it.
    sys.stderr.write("uv could not do it; trying pip.\n")
    return _ran([str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK_FILE)])


def _ran(argv: list[str]) -> bool:
    # Install into `.venv`, regardless of the active environment.
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return subprocess.run(argv, check=False, env=variables, stdout=sys.stderr).returncode == 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
