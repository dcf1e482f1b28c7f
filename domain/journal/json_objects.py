"""JSON objects as the journal has them: texts, integers and null, objects and lists of those. Standard library only."""

import json
from collections.abc import Sequence
from typing import NoReturn

LARGEST_INTEGER = 2**53 - 1
"""The largest that each JSON parser reads as it is written (RFC 7493 §2.2, RFC 8785 §3.2.2.3)."""
MAX_BRACKETS = 500
"""More than any line has, in its texts too. How deep a parser goes by itself depends on the process that it is in."""


def parse_object(text: bytes) -> dict[str, object]:
    """Return the object. Raises ValueError, also for two fields of one name and for numbers with more than one form."""
    if text.count(b"[") + text.count(b"{") > MAX_BRACKETS:
        raise ValueError("it is nested too deeply")
    value = json.loads(
        text.decode(), object_pairs_hook=_once, parse_int=_exact, parse_float=_refuse, parse_constant=_refuse
    )
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    return value


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is there twice")
    return fields


def _exact(digits: str) -> int:
    number = int(digits) if len(digits) <= 17 else LARGEST_INTEGER + 1
    if abs(number) > LARGEST_INTEGER or digits == "-0":
        raise ValueError("a number is too large")
    return number


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no integer")
