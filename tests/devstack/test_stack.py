"""What `up`, `down`, `start`, `stop` and the supervisor promise, on real processes."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from devstack.__main__ import main
from devstack.environment import read_environment
from devstack.errors import StackError
from devstack.folder import RunFolder
from devstack.processes import Process, is_alive
from devstack.stack import Stack
from devstack.state import read_state
from tests.support.polling import wait_until


def written(stack: Stack, name: str) -> dict[str, Any]:
    """The row as a tool reads it from the file, without a new check."""
    state = json.loads(stack.folder.state.read_text())
    row: dict[str, Any] = next(row for row in state["servers"] + state["processes"] if row["name"] == name)
    return row


def process_of(folder: RunFolder, name: str) -> Process:
    row = read_state(folder).find(name)
    assert row is not None
    assert row.process is not None
    return row.process


def kill_and_await_the_next(stack: Stack) -> None:
    """Returns when another process is there, ready or not."""
    first = stack.pid("dummy")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: written(stack, "dummy")["pid"] not in {None, first}, seconds=10)


def test_state_file_has_the_promised_shape(stack: Stack) -> None:
    stack.up()

    redis, dummy = written(stack, "redis"), written(stack, "dummy")
    assert {"name", "pid", "port", "url", "healthy"} <= redis.keys()
    assert {"name", "pid", "port", "url", "healthy"} <= dummy.keys()
    assert redis["url"] == f"redis://127.0.0.1:{redis['port']}/0"
    assert redis["healthy"] is True
    assert dummy["healthy"] is True


def test_second_up_finds_what_runs(stack: Stack) -> None:
    stack.up()
    before = (stack.pid("redis"), stack.pid("dummy"))

    Stack(stack.folder.root, servers=stack._servers.servers, processes=stack._make_rows).up()

    assert (stack.pid("redis"), stack.pid("dummy")) == before


def test_killed_server_is_reported_and_started_again_on_its_port(stack: Stack) -> None:
    stack.up(servers_only=True)
    port = written(stack, "redis")["port"]
    os.kill(stack.pid("redis"), signal.SIGKILL)
    wait_until(lambda: not written(stack, "redis")["healthy"], seconds=5)

    stack.start("redis")

    assert written(stack, "redis")["healthy"] is True
    assert written(stack, "redis")["port"] == port


def test_paused_server_is_reported(stack: Stack) -> None:
    stack.up(servers_only=True)

    os.kill(stack.pid("redis"), signal.SIGSTOP)

    wait_until(lambda: not written(stack, "redis")["healthy"], seconds=5)


def test_killed_process_is_back_within_two_seconds(stack: Stack) -> None:
    stack.up()
    first = stack.pid("dummy")

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: written(stack, "dummy")["pid"] not in {None, first}, seconds=2)
    wait_until(lambda: written(stack, "dummy")["healthy"], seconds=2)


def test_process_killed_on_purpose_again_and_again_is_no_crash_loop(stack: Stack) -> None:
    stack.up()
    kill_and_await_the_next(stack)
    kill_and_await_the_next(stack)
    kill_and_await_the_next(stack)

    stack.up()

    assert written(stack, "dummy")["healthy"] is True


def test_process_stopped_by_hand_stays_away_until_started(stack: Stack) -> None:
    stack.up()
    supervisor = read_state(stack.folder).supervisor

    stack.stop("dummy")
    stack.stop("redis")
    stack.start("redis")

    assert supervisor is not None
    assert written(stack, "dummy")["pid"] is None
    stack.start("dummy")
    assert written(stack, "dummy")["healthy"] is True


def test_process_that_exits_is_reported_with_its_last_output(broken_stack: Stack) -> None:
    with pytest.raises(StackError, match=r"broken ends again and again .* saying “no settings”"):
        broken_stack.up()


def test_changed_setting_restarts_the_process(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.up()
    before = stack.pid("dummy")
    monkeypatch.setenv("DECODE_MOOD", "merry")

    stack.up()

    assert stack.pid("dummy") != before
    assert "mood: merry" in stack.folder.log("dummy").read_text()


def test_server_replaced_by_a_url_is_not_started(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECODE_REDIS_URL", "redis://user:hidden@127.0.0.1:1/0")

    stack.up(servers_only=True)

    row = written(stack, "redis")
    assert row["pid"] is None
    assert row["url"] == "redis://127.0.0.1:1/0"
    assert stack.environment()["DECODE_REDIS_URL"] == "redis://user:hidden@127.0.0.1:1/0"


def test_up_with_the_variables_loaded_keeps_the_same_servers(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.up()
    before = (stack.pid("redis"), stack.pid("dummy"))
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DECODE_RUN", "run")

    stack.up()
    assert (stack.pid("redis"), stack.pid("dummy")) == before

    stack.stop("redis")
    stack.start("redis")
    assert written(stack, "redis")["healthy"] is True
    assert stack.pid("redis") != before[0]


def test_down_leaves_no_process_and_no_lock(stack: Stack) -> None:
    stack.up()
    supervisor = read_state(stack.folder).supervisor
    assert supervisor is not None
    assert supervisor.process is not None
    running = [process_of(stack.folder, "redis"), process_of(stack.folder, "dummy"), supervisor.process]

    stack.down()

    assert not any(map(is_alive, running))
    assert not list(stack.folder.root.glob("*.lock"))
    assert stack.folder.keys.exists()


def test_deleted_run_folder_ends_its_processes(stack: Stack, tmp_path: Path) -> None:
    stack.up()
    running = [process_of(stack.folder, "redis"), process_of(stack.folder, "dummy")]

    stack.folder.root.rename(tmp_path / "elsewhere")

    wait_until(lambda: not any(map(is_alive, running)), seconds=8)


def test_unknown_name_is_answered_with_the_known_ones(stack: Stack) -> None:
    stack.up(servers_only=True)

    with pytest.raises(StackError, match="There is no radis here; there is: redis, dummy"):
        stack.stop("radis")


def test_optional_server_stays_as_long_as_each_up_names_it(
    stack_with_letters: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_with_letters.up(servers_only=True, optional=["letters"])
    process = process_of(stack_with_letters.folder, "mailbox")
    stack_with_letters.up(servers_only=True, optional=["letters"])
    assert process_of(stack_with_letters.folder, "mailbox") == process
    for name, value in stack_with_letters.environment().items():
        monkeypatch.setenv(name, value)

    stack_with_letters.up(servers_only=True)

    assert not is_alive(process)
    assert stack_with_letters.state()["servers"] == []
    assert "DECODE_SMTP_CA_FILE" not in read_environment(stack_with_letters.folder)


def test_optional_server_is_stopped_and_started_like_any(stack_with_letters: Stack) -> None:
    stack_with_letters.up(servers_only=True, optional=["letters"])

    stack_with_letters.stop("mailbox")
    assert written(stack_with_letters, "mailbox")["pid"] is None
    stack_with_letters.start("mailbox")

    assert written(stack_with_letters, "mailbox")["healthy"] is True


def test_optional_server_that_was_not_named_is_not_started(stack_with_letters: Stack) -> None:
    stack_with_letters.up(servers_only=True)

    with pytest.raises(StackError, match="There is no mailbox here; there is: dummy"):
        stack_with_letters.start("mailbox")


def test_unknown_optional_server_is_answered_with_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["up", "--with", "assistant,asistant", "--run", str(tmp_path / "run")])

    said = capsys.readouterr().err
    assert (code, said) == (1, "There are no optional servers named asistant; there are: assistant.\n")
    assert not (tmp_path / "run").exists()
