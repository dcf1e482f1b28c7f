"""Ports of stacks that start at the same moment."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from devstack.ports import choose_ports

OTHER_PROCESS = """
from devstack.ports import choose_ports
print(choose_ports(["redis"], kept={}, running=())["redis"], flush=True)
input()
"""


@pytest.fixture
def starting() -> Iterator[subprocess.Popen[str]]:
    """Another process, which has chosen a port and waits before its server listens."""
    command = [sys.executable, "-c", OTHER_PROCESS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def chosen_by(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    return int(process.stdout.readline())


def test_port_chosen_by_another_process_is_not_chosen_again(starting: subprocess.Popen[str]) -> None:
    port = chosen_by(starting)

    assert choose_ports(["redis"], kept={"redis": port}, running=())["redis"] != port


def test_port_chosen_by_a_process_that_has_ended_can_be_chosen(starting: subprocess.Popen[str]) -> None:
    port = chosen_by(starting)
    starting.kill()
    starting.wait()

    assert choose_ports(["redis"], kept={"redis": port}, running=())["redis"] == port


def test_kept_port_is_chosen_again_by_the_same_process() -> None:
    first = choose_ports(["redis"], kept={}, running=())

    assert choose_ports(["redis"], kept=first, running=()) == first
