"""CPU of one call: what the processes used, less what they use anyway; and of which process."""

import hashlib
import os
import time

import pytest

from bench.bench import pids_of
from bench.charts import COLORS
from bench.cpu import cpu_by_name, spent_each
from devstack.stack import Stack

BEFORE = {"temporal": 1_000.0, "worker": 500.0, "redis": 10.0}


def test_each_process_has_its_share_of_one_call() -> None:
    after = {"temporal": 2_000.0, "worker": 900.0, "redis": 10.0}

    spent = spent_each(BEFORE, after, idle={}, seconds=4, calls=10)

    assert spent == {"temporal": 100.0, "worker": 40.0, "redis": 0.0}


def test_idle_use_of_the_whole_time_is_taken_off() -> None:
    after = {"temporal": 2_000.0, "worker": 900.0, "redis": 10.0}

    spent = spent_each(BEFORE, after, idle={"temporal": 25.0, "worker": 5.0, "redis": 0.0}, seconds=4, calls=10)

    assert spent == {"temporal": 90.0, "worker": 38.0, "redis": 0.0}


def test_process_that_used_less_than_when_idle_spent_nothing() -> None:
    spent = spent_each(BEFORE, {**BEFORE, "redis": 12.0}, idle={"redis": 1.0}, seconds=4, calls=10)

    assert spent["redis"] == 0.0


def test_what_a_process_does_is_counted_under_its_name() -> None:
    before, began = cpu_by_name({"client": os.getpid()}), time.process_time()

    hashlib.pbkdf2_hmac("sha256", b"", b"", 500_000)

    used_ms = (time.process_time() - began) * 1000
    assert cpu_by_name({"client": os.getpid()})["client"] - before["client"] == pytest.approx(used_ms, abs=30)


def test_every_process_of_a_stack_is_counted_once(stack: Stack) -> None:
    counted = pids_of(stack)

    assert set(counted) == set(COLORS)
    assert len(set(counted.values())) == len(counted)
