"""Ends the processes behind rows of the state."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from devstack.processes import end
from devstack.state import Row


def end_processes(rows: Iterable[Row]) -> None:
    """End the processes of these rows, all at the same time; rows that share one are one process."""
    running = {row.process: row.patience for row in rows if row.process is not None}
    with ThreadPoolExecutor(max_workers=max(1, len(running))) as pool:
        for job in [pool.submit(end, process, patience=patience) for process, patience in running.items()]:
            job.result()
