"""Every time in an answer has one form: with a form that depends on the time, two answers could be told apart."""

import ast
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from api.schemas.fields import Timestamp
from tests.house.source import files, tree


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        pytest.param(datetime(2026, 1, 31, 9, 30, 5, 678_000, UTC), "2026-01-31T09:30:05.678Z", id="milliseconds"),
        pytest.param(datetime(2026, 1, 31, 9, 30, 5, 0, UTC), "2026-01-31T09:30:05.000Z", id="a full second"),
    ],
)
def test_timestamp_has_milliseconds_always(moment: datetime, written: str) -> None:
    assert TypeAdapter(Timestamp).dump_json(moment).decode() == f'"{written}"'


def test_every_schema_writes_its_times_as_timestamps() -> None:
    annotations = [
        f"{path}:{node.lineno}"
        for path in files("api")
        if "schemas" in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AnnAssign) and "datetime" in ast.unparse(node.annotation)
    ]
    assert annotations == []
