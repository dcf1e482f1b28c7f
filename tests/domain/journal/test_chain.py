"""An entry's hash covers each of its fields, whatever their order."""

import pytest

from domain.journal.chain import NO_HASH, digest, hash_entry

ENTRY = {
    "v": 1,
    "seq": 1,
    "prev": NO_HASH,
    "type": "user.login",
    "at": "2026-01-31T09:30:00.000Z",
    "actor": {"kind": "user", "id": "0" * 24},
    "subject": {"kind": "user", "id": "0" * 24},
    "request_id": None,
    "cause": None,
    "public": {"note": "zwölf ✓"},
    "sealed_actor": digest(b"sealed"),
    "sealed_subject": None,
}


@pytest.mark.parametrize("name", ENTRY)
def test_change_of_any_field_changes_the_hash(name: str) -> None:
    assert hash_entry({**ENTRY, name: "other"}) != hash_entry(ENTRY)


def test_order_of_the_fields_is_no_part_of_the_hash() -> None:
    assert hash_entry(dict(reversed(ENTRY.items()))) == hash_entry(ENTRY)


def test_sealed_part_that_is_not_there_has_no_digest() -> None:
    assert digest(None) is None
