"""The lines of an exported journal: in the order of the numbers, and with what was asked for in the first."""

import json
from datetime import UTC, datetime

from domain.journal.audit import AuditEntry, AuditFilter
from domain.journal.chain import BEFORE_FIRST
from domain.journal.entries import Content, Entry, append
from domain.journal.export_lines import ExportRange, Piece, checkpoint_line, entry_line, export_line, pieces
from domain.journal.occurrences import user_party

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
COVERED = ExportRange(1, 2, AT)


def entry() -> Entry:
    someone = user_party("65e1a0c4f1d2b3a4c5d6e7f8")
    content = Content(
        occurrence_id="65e1a0c4f1d2b3a4c5d6e7f8",
        type="user.login",
        at=AT,
        actor=someone,
        subject=None,
        request_id=None,
        cause=None,
        public={},
    )
    return append(BEFORE_FIRST, content)


def test_file_of_all_is_whole() -> None:
    first = json.loads(export_line(COVERED, AuditFilter()))

    assert (first["from"], first["to"], first["whole"], first["filter"]) == (1, 2, True, None)


def test_file_of_a_filter_says_what_was_asked_for_and_is_not_whole() -> None:
    first = json.loads(export_line(COVERED, AuditFilter(actor="maria", since=AT)))

    assert (first["whole"], first["filter"]) == (False, {"actor": "maria", "from": "2026-01-31T09:30:00.000Z"})


def test_words_that_cannot_be_read_are_left_out() -> None:
    said = json.loads(entry_line(AuditEntry(entry(), {"device": "ä"}, None)))
    silent = json.loads(entry_line(AuditEntry(entry(), {}, None)))

    assert said["opened"] == {"actor": {"device": "ä"}}
    assert "opened" not in silent


def test_checkpoint_comes_at_once_after_the_entry_that_it_signs() -> None:
    read = AuditEntry(entry(), {}, {})

    found = list(pieces([read], {0: "before", 1: "of-it", 9: "later"}))

    assert found == [
        Piece(0, checkpoint_line("before"), has_entry=False),
        Piece(1, entry_line(read) + checkpoint_line("of-it"), has_entry=True),
        Piece(9, checkpoint_line("later"), has_entry=False),
    ]
