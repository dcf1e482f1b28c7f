"""Health checks of the state's rows, cheap enough to run every second."""

import http.client
import re
from dataclasses import replace
from pathlib import Path

from devstack.folder import RunFolder
from devstack.ports import HOST, answers
from devstack.processes import is_alive, is_running, last_line
from devstack.state import Row, State, change_state, read_state


def is_healthy(row: Row) -> bool:
    """Whether it is alive, not paused, accepts connections and, for a process, reports that it is ready."""
    if row.external:
        return _external_answers(row.url or "")
    if row.process is None or not is_running(row.process):
        return False
    if row.ready_file and not Path(row.ready_file).exists():
        return False
    if row.ready_path:
        return row.port is not None and says_ok(row.port, row.ready_path)
    return row.port is None or answers(row.port)


def says_ok(port: int, path: str) -> bool:
    """Whether GET of that path on this machine answers 200 within a second."""
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def refresh(folder: RunFolder) -> State:
    """Check every row and write the result. Returns the refreshed state."""
    findings = {row.name: (row.process, is_healthy(row)) for row in read_state(folder).rows}

    def judged(row: Row) -> Row:
        process, healthy = findings.get(row.name, (None, False))
        # A row that got another process during the checks is updated by the next call.
        return _after_look(folder, row, healthy=healthy) if row.process == process else row

    return change_state(folder, lambda state: state.with_rows(judged))


def _after_look(folder: RunFolder, row: Row, *, healthy: bool) -> Row:
    has_ended = row.process is not None and not is_alive(row.process)
    is_unhealthy = not healthy and not row.external and (row.wanted or has_ended)
    return replace(
        row,
        healthy=healthy,
        pid=None if has_ended else row.pid,
        born="" if has_ended else row.born,
        last_line=last_line(folder.log(row.name)) if is_unhealthy else "",
    )


def _external_answers(url: str) -> bool:
    # The first host of a URL such as mongodb://user:password@one:27017,two:27017/.
    # A host without a port counts as healthy: there is no port to check.
    place = re.search(r"(?:^|://)(?:[^@/]*@)?([^:,/?]+):(\d+)", url)
    return place is None or answers(int(place[2]), host=place[1], seconds=1)
