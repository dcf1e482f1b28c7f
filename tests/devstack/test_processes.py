"""A process is known by more than its id."""

import os
from pathlib import Path

from devstack.processes import Process, end, is_alive, spawn
from tests.support.polling import wait_until


def test_recycled_id_is_not_taken_for_the_process() -> None:
    recycled = Process(pid=os.getpid(), born="before")

    end(recycled, patience=0.1)

    assert not is_alive(recycled)


def test_process_that_will_not_go_is_ended_with_its_children(tmp_path: Path) -> None:
    marker = tmp_path / "child"
    script = f'trap "" TERM; sleep 600 & echo $! > {marker}; while :; do wait; done'
    stubborn = spawn(["/bin/sh", "-c", script], variables=os.environ, log=tmp_path / "log", cwd=tmp_path)
    wait_until(lambda: marker.exists() and marker.read_text().endswith("\n"), seconds=5)

    end(stubborn, patience=0.2)

    assert not is_alive(stubborn)
    stat = Path(f"/proc/{int(marker.read_text())}/stat")
    wait_until(lambda: not stat.exists() or ") Z " in stat.read_text(), seconds=5)
