"""Finds every type that travels in a history: what workflows and activities take and give, and what is in it."""

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import activities
import workflows

Fields = dict[str, str]
"""A message's fields: the type by name; one with a default ends in ` = …`."""

Shape = Fields | list[str]
"""Fields of a message, or the values of a closed set."""

HAS_DEFAULT = " = …"
ACTIVITY, WORKFLOW = "__temporal_activity_definition", "__temporal_workflow_definition"
"""What the SDK leaves on a method or class that it is given."""


def shapes() -> dict[str, Shape]:
    """Shape by name of every travelling type, sorted."""
    found: set[type] = set()
    for receiver in _receivers():
        for _, function in inspect.getmembers(receiver, inspect.isfunction):
            if not function.__name__.startswith("_"):
                _collect(tuple(get_type_hints(function).values()), found)
    return {name_of(cls): shape_of(cls) for cls in sorted(found, key=name_of)}


def shape_of(cls: type) -> Shape:
    if issubclass(cls, enum.Enum):
        return sorted(str(member.value) for member in cls)
    assert dataclasses.is_dataclass(cls)
    invalidations = get_type_hints(cls)
    return {field.name: _type_name(invalidations[field.name]) + _default(field) for field in dataclasses.fields(cls)}


def name_of(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def message_classes() -> list[type]:
    """The dataclasses among the travelling types."""
    return [cls for cls in map(_load, shapes()) if dataclasses.is_dataclass(cls)]


def _receivers() -> Iterator[type]:
    """Classes of workflows and activities; their public methods are what Temporal calls."""
    for package in (activities, workflows):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if cls.__module__ == module.name and _is_called_from_outside(cls):
                    yield cls


def _is_called_from_outside(cls: type) -> bool:
    """Whether Temporal calls it; other classes there help one that it calls."""
    has_activity = any(hasattr(function, ACTIVITY) for _, function in inspect.getmembers(cls, inspect.isfunction))
    return has_activity or hasattr(cls, WORKFLOW)


def _collect(invalidations: tuple[Any, ...], found: set[type]) -> None:
    for hint in invalidations:
        _collect(get_args(hint), found)
        if not _travels(hint) or hint in found:
            continue
        found.add(hint)
        if dataclasses.is_dataclass(hint):
            _collect(tuple(get_type_hints(hint).values()), found)


def _travels(hint: Any) -> bool:
    return isinstance(hint, type) and (dataclasses.is_dataclass(hint) or issubclass(hint, enum.Enum))


def _type_name(hint: Any) -> str:
    if isinstance(hint, types.UnionType):
        return " | ".join(map(_type_name, get_args(hint)))
    if arguments := get_args(hint):
        return f"{hint.__origin__.__name__}[{', '.join(map(_type_name, arguments))}]"
    if hint is types.NoneType or hint is Ellipsis:
        return "None" if hint is types.NoneType else "..."
    return hint.__name__ if hint.__module__ == "builtins" else name_of(hint)


def _default(field: "dataclasses.Field[Any]") -> str:
    missing = dataclasses.MISSING
    return "" if field.default is missing and field.default_factory is missing else HAS_DEFAULT


def _load(name: str) -> type:
    module, _, attribute = name.rpartition(".")
    cls: type = getattr(importlib.import_module(module), attribute)
    return cls
