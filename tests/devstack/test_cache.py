"""The cache is filled once, completely or not at all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from devstack.cache import cache_root, cached, filled


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_two_fetches_at_once_fill_the_cache_once() -> None:
    fetched: list[Path] = []
    start = Barrier(2)

    def fetch(entry: Path) -> None:
        fetched.append(entry)
        (entry / "program").write_text("whole")

    def run(_: int) -> Path:
        start.wait(timeout=5)
        return filled("server-1.0", fetch)

    with ThreadPoolExecutor(max_workers=2) as pool:
        entries = list(pool.map(run, range(2)))

    assert len(fetched) == 1
    assert entries[0] == entries[1]
    assert (entries[0] / "program").read_text() == "whole"


def test_fetch_that_fails_leaves_nothing() -> None:
    def fetch(entry: Path) -> None:
        (entry / "program").write_text("half")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        filled("server-1.0", fetch)

    assert cached("server-1.0") is None
    assert list(cache_root().iterdir()) == []
