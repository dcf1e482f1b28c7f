"""Operation ids are names of methods in generated clients: renaming one breaks them.

`python -m tests.house.test_operation_ids` records them.
"""

import json
import re
from pathlib import Path

import pytest

from api.openapi import contract

GOLDEN = Path(__file__).with_name("operation_ids.golden.txt")
DOCUMENT = json.loads(contract())
IDS = {
    f"{method.upper()} {path}": operation["operationId"]
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}


def listing() -> str:
    return "".join(sorted(f"{name:<36}{operation}\n" for operation, name in IDS.items()))


def test_recorded_ids_are_current() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == listing(), "run: python -m tests.house.test_operation_ids"


@pytest.mark.parametrize("name", IDS.values())
def test_id_is_a_tag_and_a_method(name: str) -> None:
    assert re.fullmatch(r"[a-z][A-Za-z]*\.[a-z][A-Za-z]*", name)


def test_ids_stay_unique_where_a_generator_drops_dot_and_case() -> None:
    plain = [name.replace(".", "").lower() for name in IDS.values()]

    assert len(set(plain)) == len(plain)


if __name__ == "__main__":
    GOLDEN.write_text(listing(), encoding="utf-8")
