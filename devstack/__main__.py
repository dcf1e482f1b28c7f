"""`python -m devstack <command>`: the stack from the command line. `--help` lists the commands."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devstack.console import answer, say
from devstack.debugger import debug
from devstack.environment import RUN_FOLDER
from devstack.errors import StackError
from devstack.processes import last_line
from devstack.servers.catalogue import OPTIONAL_SERVERS
from devstack.stack import Stack

LINES = "200"
WITH = f"optional servers too, separated by commas: {', '.join(OPTIONAL_SERVERS)}; without it they are ended"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 1 after one sentence about what is wrong."""
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run_command
    try:
        return run(chosen)
    except StackError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped. What was started goes on: make status, make down.")
        return 130


def _up(chosen: argparse.Namespace) -> int:
    stack = Stack(chosen.run)
    stack.up(chosen.servers, api_count=chosen.api, optional=chosen.optional)
    return 0 if chosen.no_table else _urls(chosen)


def _down(chosen: argparse.Namespace) -> int:
    Stack(chosen.run).down(chosen.wipe)
    return 0


def _status(chosen: argparse.Namespace) -> int:
    state = Stack(chosen.run).state()
    answer(json.dumps(state, indent=2))
    rows = state["servers"] + state["processes"]
    return 1 if any(row["wanted"] and not row["healthy"] for row in rows) else 0


def _urls(chosen: argparse.Namespace) -> int:
    state = Stack(chosen.run).state()
    for row in state["servers"] + state["processes"]:
        health = "ok" if row["healthy"] else "ill" if row["wanted"] else "stopped"
        answer(f"  {row['name']:<12} {health:<8} {row['url'] or '-'}")
    return 0


def _start(chosen: argparse.Namespace) -> int:
    Stack(chosen.run).start(chosen.name)
    return 0


def _stop(chosen: argparse.Namespace) -> int:
    Stack(chosen.run).stop(chosen.name)
    return 0


def _debug(chosen: argparse.Namespace) -> int:
    return debug(Stack(chosen.run), chosen.name)


def _environment(chosen: argparse.Namespace) -> int:
    for name, value in sorted(Stack(chosen.run).environment().items()):
        answer(f"export {name}={shlex.quote(value)}")
    return 0


def _logs(chosen: argparse.Namespace) -> int:
    folder = Stack(chosen.run).folder
    if not chosen.name:
        for log in sorted(folder.log("any").parent.glob("*.log")):
            answer(f"{log}: {last_line(log) or '(nothing)'}")
        return 0
    log = folder.log(chosen.name)
    if not log.exists():
        raise StackError(f"{chosen.name} has no log in {log.parent}.")
    sys.stdout.flush()
    follow = ["-F"] if chosen.follow else []
    os.execvp("tail", ["tail", "-n", LINES, *follow, str(log)])  # noqa: S606  # becomes `tail`, nothing is left behind


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    run = Path(os.environ.get(RUN_FOLDER, ".run"))
    shared.add_argument("--run", type=Path, default=run, help="the run folder (default: DECODE_RUN, else .run)")
    parser = argparse.ArgumentParser(prog="python -m devstack", description="The real servers on one machine.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, handler: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[shared], help=text, description=text)
        added.set_defaults(run_command=handler)
        return added

    up = command("up", _up, "start what is missing")
    up.add_argument("--servers", action="store_true", help="only the servers")
    up.add_argument("--api", type=int, default=1, metavar="N", help="how many API processes")
    up.add_argument("--with", type=_names, default=(), dest="optional", metavar="NAMES", help=WITH)
    up.add_argument("--no-table", action="store_true", help="without the URLs at the end")
    down = command("down", _down, "end everything; the data stays")
    down.add_argument("--wipe", action="store_true", help="the data goes too")
    command("status", _status, "the state as JSON; exit code 1 if something wanted is not healthy")
    command("urls", _urls, "a line for each server and process")
    command("debug", _debug, "run one process here, under debugpy").add_argument("name")
    command("env", _environment, "the product's variables, for a shell's eval")
    logs = command("logs", _logs, "the last line of each log, or the end of one")
    logs.add_argument("name", nargs="?")
    logs.add_argument("--follow", action="store_true", help="and what comes")
    for name, handler in (("start", _start), ("stop", _stop)):
        command(name, handler, f"{name} one server or process").add_argument("name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
