"""What the API and the worker load as they start: nothing that few requests need."""

import json
import subprocess
import sys

import pytest

from tests.house.source import ROOT

RARELY_NEEDED = {"matplotlib", "numpy", "PIL", "zxcvbn"}
"""Loaded where they are needed: the charts of growth, the list of frequent passwords."""
LOADED = "import sys, json, {module}; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
CODEC = """
import adapters.lean_driver
from neo4j._codec.packstream import v1
print(bool(v1._rust_pack and v1._rust_unpack), len(v1.PACKED_UINT_16), len(v1.UNPACKED_UINT_16))
"""
DATES = """
import adapters.lean_driver
from neo4j import time
print(time.Date(2028, 3, 1).to_ordinal() - time.Date(2028, 2, 1).to_ordinal(), time.Date.days_in_month(2027, 2))
try:
    time.Date(2027, 2, 29)
except ValueError:
    print("day")
print(len(time._DAYS_IN_MONTH))
"""


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("module", ["api.__main__", "workers.__main__"])
def test_process_starts_without_what_few_requests_need(module: str) -> None:
    loaded = set(json.loads(run(LOADED.format(module=module))))

    assert "neo4j" in loaded
    assert loaded & RARELY_NEEDED == set()


def test_tables_of_the_codec_in_python_are_dropped_as_the_one_in_rust_works() -> None:
    """When it fails after an update of the driver, drop the end of adapters/lean_driver.py: it only saves memory."""
    assert run(CODEC).split() == ["True", "0", "0"]


def test_dates_of_the_driver_are_right_without_its_table_of_months() -> None:
    """When it fails after an update of the driver, drop `_DaysInMonth`: it only saves memory."""
    assert run(DATES).split() == ["29", "28", "day", "0"]


def test_numpy_can_be_loaded_after_the_start() -> None:
    assert run("import adapters.lean_driver, numpy; print(numpy.array([1]).sum())").strip() == "1"
