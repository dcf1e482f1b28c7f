"""A browser for the tests of pages: the one on PATH, else Debian's package."""

from pathlib import Path

from devstack import debian
from devstack.console import say
from devstack.programs import find_program, get_program


def chromium_path() -> Path:
    """Return the path of Chromium. Raises StackError with the install command where this process may not install it."""
    found = find_program("chromium")
    if found is None and debian.can_install():
        say("Installing Chromium; the first time takes a minute.")
        return debian.install("chromium", title="Chromium")
    return found or get_program("chromium", wanted_by="The test of a page")
