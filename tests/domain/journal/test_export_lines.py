"""The lines of an exported journal: in the order of the numbers, and with what was asked for in the first."""

import json
from datetime import UTC, datetime

from domain.journal.audit import AuditFilter
from domain.journal.chain import BEFORE_FIRST
from domain.journal.entries import Content, Entry, append
from domain.journal.export_lines import (
    ExportRange,
    Piece,
    checkpoint_line,
    export_line,
    opened_line,
    parse_sealed_line,
    pieces,
    sealed_line,
)
from domain.journal.occurrences import user_party

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
COVERED = ExportRange(1, 2, AT)


def entry(**sealed: bytes) -> Entry:
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
    return append(BEFORE_FIRST, content, **sealed)


def test_file_of_all_is_whole() -> None:
    first = json.loads(export_line(COVERED, AuditFilter()))

    assert (first["from"], first["to"], first["whole"], first["filter"]) == (1, 2, True, None)


def test_file_of_a_filter_says_what_was_asked_for_and_is_not_whole() -> None:
    first = json.loads(export_line(COVERED, AuditFilter(actor="maria", since=AT)))

    assert (first["whole"], first["filter"]) == (False, {"actor": "maria", "from": "2026-01-31T09:30:00.000Z"})


def test_words_that_cannot_be_read_are_left_out() -> None:
    kept = parse_sealed_line(sealed_line(entry(sealed_actor=b"words", sealed_subject=b"others")).encode())
    assert kept

    said = json.loads(opened_line(kept, actor={"device": "ä"}, subject=None))
    silent = json.loads(opened_line(kept, actor=None, subject=None))

    assert said["opened"] == {"actor": {"device": "ä"}}
    assert not {"opened", "sealed"} & silent.keys()


def test_sealed_words_are_kept_as_they_are_in_the_journal() -> None:
    written = entry(sealed_actor=b"words")

    kept = parse_sealed_line(sealed_line(written).encode())

    assert kept
    assert (kept.occurrence_id, kept.actor, kept.subject) == (written.occurrence_id, written.actor, None)
    assert (kept.sealed_actor, kept.sealed_subject) == (b"words", None)


def test_line_without_words_is_that_of_the_file() -> None:
    assert parse_sealed_line(sealed_line(entry()).encode()) is None


def test_checkpoint_comes_at_once_after_the_entry_that_it_signs() -> None:
    found = list(pieces([entry()], {0: "before", 1: "of-it", 9: "later"}))

    assert found == [
        Piece(0, checkpoint_line("before"), has_entry=False),
        Piece(1, sealed_line(entry()) + checkpoint_line("of-it"), has_entry=True),
        Piece(9, checkpoint_line("later"), has_entry=False),
    ]
