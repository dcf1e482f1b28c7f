"""Histories outlive releases: a message may only grow, and only by fields with defaults.

`python -m tests.house.test_messages` records what has grown; it refuses what would strand running flows.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from domain.flows import FlowState
from tests.house.messages import HAS_DEFAULT, Shape, message_classes, name_of, shape_of, shapes

GOLDEN = Path(__file__).with_name("messages.golden.json")
NOW = shapes()
RECORDED: dict[str, Shape] = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}


def breaks(name: str, old: Shape, new: Shape | None) -> list[str]:
    """What a flow that was started with the old shape would trip over, a sentence each."""
    if new is None:
        return [f"{name} is gone: a history may still hold one."]
    if isinstance(old, list) or isinstance(new, list):
        return [f"{name}: {value!r} is gone." for value in sorted(set(old) - set(new))]
    lost = [f"{name}.{key} is gone." for key in old if key not in new]
    other = [
        f"{name}.{key} was {old[key]}, is {new[key]}." for key in old if key in new and _differs(old[key], new[key])
    ]
    bare = [
        f"{name}.{key} is new and has no default: histories do not hold it."
        for key in new
        if key not in old and not new[key].endswith(HAS_DEFAULT)
    ]
    return lost + other + bare


def _differs(old: str, new: str) -> bool:
    """A default may be added to a field, never taken away; its type stays."""
    return new not in (old, old + HAS_DEFAULT)


def all_breaks() -> list[str]:
    return [sentence for name, old in RECORDED.items() for sentence in breaks(name, old, NOW.get(name))]


def golden_text() -> str:
    return json.dumps(NOW, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", RECORDED)
def test_running_flows_can_read_the_message(name: str) -> None:
    assert breaks(name, RECORDED[name], NOW.get(name)) == []


def test_record_is_current() -> None:
    assert GOLDEN.read_text() == golden_text(), "run: python -m tests.house.test_messages"


@pytest.mark.parametrize("message", message_classes(), ids=name_of)
def test_message_is_frozen(message: Any) -> None:
    assert message.__dataclass_params__.frozen


@dataclass(frozen=True)
class Order:
    key: str


@dataclass(frozen=True)
class GrownOrder:
    key: str
    locale: str = "en"
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DemandingOrder:
    key: str
    locale: str


@dataclass(frozen=True)
class OtherOrder:
    key: int


@dataclass(frozen=True)
class OptionalOrder:
    key: str = ""


@pytest.mark.parametrize("grown", [Order, GrownOrder, OptionalOrder])
def test_growing_by_defaults_breaks_nothing(grown: type) -> None:
    assert breaks("Order", shape_of(Order), shape_of(grown)) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (Order, DemandingOrder, "Order.locale is new and has no default: histories do not hold it."),
        (GrownOrder, OptionalOrder, "Order.locale is gone."),
        (Order, OtherOrder, "Order.key was str, is int."),
        (OptionalOrder, Order, "Order.key was str = …, is str."),
    ],
)
def test_what_breaks_is_said_in_a_sentence(old: type, new: type, sentence: str) -> None:
    assert sentence in breaks("Order", shape_of(old), shape_of(new))


def test_message_that_is_gone_is_said() -> None:
    assert breaks("Order", shape_of(Order), None) == ["Order is gone: a history may still hold one."]


def test_value_that_is_gone_is_said() -> None:
    states = shape_of(FlowState)

    assert breaks("FlowState", [*states, "paused"], states) == ["FlowState: 'paused' is gone."]


def record() -> int:
    found = all_breaks()
    if found:
        found.append("If no history can hold one, delete its entry in messages.golden.json first.")
        sys.stderr.write("\n".join(found) + "\n")
        return 1
    GOLDEN.write_text(golden_text())
    sys.stdout.write(f"wrote {GOLDEN.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(record())
