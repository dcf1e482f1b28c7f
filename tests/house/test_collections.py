"""Every collection is declared by its area, and is part of erasure and export or gives a reason."""

import re
from collections import Counter
from pathlib import Path

import pytest

from adapters.mongo.collection import Collection, Exempt
from adapters.mongo.schema import COLLECTIONS
from tests.house.source import ROOT, files

USE = re.compile(r'database\["(\w+)"\]')
REASONS = [
    pytest.param(fact.reason, id=f"{collection.name}-{role}")
    for collection in COLLECTIONS
    for role, fact in (
        ("erasure", collection.owner_field),
        ("export", collection.export),
        ("indexes", collection.indexes),
    )
    if isinstance(fact, Exempt)
]


def used() -> dict[str, Path]:
    """Collections that a store opens, with the last file that does."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in files("adapters")}
    return {name: path for path, text in texts.items() for name in USE.findall(text)}


def undeclared() -> list[str]:
    declared = {collection.name for collection in COLLECTIONS}
    return [
        f"{path} opens the collection {name!r}: declare it in the collections.py of its area, with indexes, owner"
        " field and export"
        for name, path in used().items()
        if name not in declared
    ]


def test_collection_that_a_store_opens_is_declared() -> None:
    assert undeclared() == []


def test_collection_that_is_declared_is_opened_by_a_store() -> None:
    assert {collection.name for collection in COLLECTIONS} - set(used()) == set()


def test_no_collection_is_declared_twice() -> None:
    assert [name for name, count in Counter(each.name for each in COLLECTIONS).items() if count > 1] == []


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_collection_has_an_index(collection: Collection) -> None:
    assert collection.indexes, "declare an index, or say how it is read: a collection is never read whole"


@pytest.mark.parametrize("reason", REASONS)
def test_reason_for_no_part_in_erasure_export_or_indexes_is_said(reason: str) -> None:
    assert len(reason.split()) >= 3, "say in words why the data of users in it need not be erased or exported so"
