"""Stacks of the fast servers only, each test in a run folder of its own, without the caller's settings."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from devstack.environment import PREFIXES
from devstack.folder import RunFolder
from devstack.servers.mailbox import Mailbox
from devstack.servers.redis import Redis
from devstack.stack import Stack
from devstack.state import Row

# Is ready at once, then does nothing until it is terminated.
DUMMY = ("/bin/sh", "-c", 'echo "mood: $DECODE_MOOD" && touch "$DECODE_READY_FILE" && exec sleep 600')


def dummy_rows(folder: RunFolder, ports: Mapping[str, int], api_count: int) -> tuple[Row, ...]:
    """One process in place of the product's."""
    ready = str(folder.ready("dummy"))
    return (Row(name="dummy", argv=DUMMY, variables={"DECODE_READY_FILE": ready}, ready_file=ready),)


def broken_rows(folder: RunFolder, ports: Mapping[str, int], api_count: int) -> tuple[Row, ...]:
    """One process that cannot live."""
    ready = str(folder.ready("broken"))
    return (Row(name="broken", argv=("/bin/sh", "-c", "echo no settings; exit 1"), ready_file=ready),)


@pytest.fixture(autouse=True, scope="module")
def no_settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(PREFIXES)]:
            patch.delenv(name)
        yield


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Redis and one dummy process; not up yet."""
    made = Stack(tmp_path / "run", servers=(Redis(),), processes=dummy_rows)
    yield made
    made.down(wipe=True)


@pytest.fixture
def stack_with_letters(tmp_path: Path) -> Iterator[Stack]:
    """The mailbox, if it is named, and nothing else; not up yet."""
    made = Stack(tmp_path / "run", servers=(), optional={"letters": (Mailbox(),)}, processes=dummy_rows)
    yield made
    made.down(wipe=True)


@pytest.fixture
def broken_stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path / "run", servers=(), processes=broken_rows)
    yield made
    made.down(wipe=True)


@pytest.fixture(scope="module")
def mailbox_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The mailbox alone, up."""
    made = Stack(tmp_path_factory.mktemp("mailbox") / "run", servers=(Mailbox(),), processes=dummy_rows)
    made.up(servers_only=True)
    yield made
    made.down(wipe=True)
