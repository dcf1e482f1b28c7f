"""Debian packages, where this process may install them: as root on a machine with apt-get."""

import os
from pathlib import Path

from devstack.cache import cache_root
from devstack.errors import StackError
from devstack.locks import held
from devstack.programs import find_program, run_logged


def can_install() -> bool:
    return os.geteuid() == 0 and find_program("apt-get") is not None


def install(package: str, *, title: str) -> Path:
    """Return the program with the package's name; install it if it is missing. Raises StackError."""
    with held(cache_root() / f"{package}.lock"):
        return find_program(package) or _install(package, title)


def _install(package: str, title: str) -> Path:
    log = cache_root() / f"{package}.log"
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged([*apt, "update"], action="apt-get update", log=log, variables=quiet)
    command = [*apt, "install", "-y", "--no-install-recommends", package]
    run_logged(command, action=f"The installation of {title}", log=log, variables=quiet)
    found = find_program(package)
    if found is None:
        raise StackError(f"{package} was installed but is not on PATH; see {log}.")
    return found
