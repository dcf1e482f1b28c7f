"""A file that was tampered with is broken, and the first number of which that is known is named."""

import json

import pytest

from domain.journal.chain import BEFORE_FIRST, Link
from domain.journal.export_check import ExportCheck, Result, Unreadable, parse_anchored, parse_export
from domain.journal.verification import Broken
from tests.support.journal_files import (
    KEYS,
    Line,
    checkpoint_line,
    link_of,
    make_entries,
    make_entry,
    make_file,
    make_token,
    rehash,
    to_bytes,
)

ENTRIES = make_entries(9)
LINKS = [link_of(entry) for entry in ENTRIES]
OF_4, OF_8 = checkpoint_line(LINKS[3]), checkpoint_line(LINKS[7])
WITH_CHECKPOINTS = [*ENTRIES[:4], OF_4, *ENTRIES[4:8], OF_8, ENTRIES[8]]
FORGED: Line = {"kind": "checkpoint", "token": make_token(LINKS[3])[:-4] + "AAAA"}
LATER_EXPORT = "2026-02-01T00:00:00.000Z"
AGES_LATER = "2027-03-07T09:30:00.000Z"


def verify(file: bytes, *, anchored: bytes = b"", has_keys: bool = True) -> Result:
    """Verify the file as the command does. Raises Broken and Unreadable."""
    lines = iter(file.splitlines(keepends=True))
    check = ExportCheck(
        parse_export(next(lines)), KEYS if has_keys else None, parse_anchored(anchored.splitlines(), KEYS)
    )
    assert list(check.verify(lines))
    return check.result


def replaced(index: int, *rows: Line) -> list[Line]:
    """Return all entries and checkpoints, with other lines in place of one."""
    return [*WITH_CHECKPOINTS[:index], *rows, *WITH_CHECKPOINTS[index + 1 :]]


def forward(rows: list[Line], after: Link) -> list[Line]:
    """Return the entries rehashed, so that each follows the one before it."""
    done: list[Line] = []
    for row in rows:
        done.append(rehash(row, prev=after.hash, seq=after.seq + 1))
        after = link_of(done[-1])
    return done


def test_file_as_it_was_written_is_intact() -> None:
    result = verify(make_file(WITH_CHECKPOINTS))
    assert (result.entries, result.checkpoints, result.signed_up_to) == (9, 2, 8)


def test_words_beside_an_entry_are_no_part_of_it() -> None:
    assert verify(make_file(replaced(2, {**ENTRIES[2], "opened": {"device": "x"}}))).entries == 9


TAMPERED: dict[str, tuple[int, bytes]] = {
    "changed field": (3, make_file(replaced(2, {**ENTRIES[2], "type": "user.logout"}))),
    "changed field with its hash": (4, make_file(replaced(2, rehash(ENTRIES[2], type="user.logout")))),
    "changed and all that follow": (
        4,
        make_file(
            [*ENTRIES[:2], *forward([rehash(ENTRIES[2], type="x.y"), ENTRIES[3]], LINKS[1]), WITH_CHECKPOINTS[4]]
        ),
    ),
    "number that is true": (1, make_file(replaced(0, rehash(ENTRIES[0], seq=True)))),
    "inserted": (3, make_file(replaced(2, make_entry(LINKS[1], type="x.y"), ENTRIES[2]))),
    "inserted twice the same": (3, make_file(replaced(2, ENTRIES[2], ENTRIES[2]))),
    "deleted in the middle": (3, make_file(replaced(2))),
    "deleted and the next renumbered": (5, make_file([*ENTRIES[:2], *forward(ENTRIES[3:5], LINKS[1]), *ENTRIES[4:]])),
    "newest cut": (9, make_file(WITH_CHECKPOINTS[:-1], last=9)),
    "file cut at a line": (6, b"".join(make_file(ENTRIES).splitlines(keepends=True)[:6])),
    "file cut within a line": (9, make_file(ENTRIES)[:-100]),
    "lines after the end": (10, make_file(ENTRIES) + to_bytes(ENTRIES[:1])),
    "swapped checkpoint": (4, make_file(replaced(9, OF_4))),
    "checkpoint of another past": (4, make_file(replaced(4, checkpoint_line(Link(4, "00" * 32))))),
    "forged checkpoint": (
        4,
        make_file(replaced(4, FORGED)),
    ),
    "other fields": (2, make_file(replaced(1, {**ENTRIES[1], "note": "x"}))),
    "field that is missing": (2, make_file(replaced(1, {k: v for k, v in ENTRIES[1].items() if k != "cause"}))),
    "hash that is missing": (2, make_file(replaced(1, {k: v for k, v in ENTRIES[1].items() if k != "hash"}))),
    "half a character": (1, make_file(ENTRIES).replace("zwölf ✓".encode(), b"\\ud800")),
    "line of another kind": (2, make_file(replaced(1, {"kind": "note"}))),
    "line that is no JSON": (1, make_file([]).replace(b'{"kind": "end"', b'x\n{"kind": "end"')),
    "first entry that follows something": (1, make_file(make_entries(1, Link(0, "11" * 32)))),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found_and_the_first_number_is_named(how: str) -> None:
    seq, file = TAMPERED[how]
    with pytest.raises(Broken) as found:
        verify(file)
    assert found.value.seq == seq


def trimmed(*rows: Line) -> bytes:
    """A file that begins with the fifth entry, made 400 days after AT."""
    return make_file(rows, first=5, at=AGES_LATER)


def test_after_a_trim_the_first_entry_follows_the_signed_checkpoint() -> None:
    assert verify(trimmed(OF_4, *ENTRIES[4:])).signed_up_to == 4


def test_trim_under_way_is_signed_by_the_checkpoint_that_it_goes_up_to() -> None:
    assert verify(trimmed(*ENTRIES[4:8], OF_8, ENTRIES[8])).signed_up_to == 8


@pytest.mark.parametrize(
    "file",
    [
        trimmed(checkpoint_line(LINKS[3], at="2026-01-31T09:30:00.001Z"), *ENTRIES[4:]),
        trimmed(*ENTRIES[4:8], checkpoint_line(LINKS[7], at="2026-01-31T09:30:00.001Z"), ENTRIES[8]),
        trimmed(*ENTRIES[4:]),
    ],
    ids=["too young", "too young further on", "never signed"],
)
def test_oldest_that_are_missing_before_their_time_are_named(file: bytes) -> None:
    with pytest.raises(Broken, match=r"^1: entries before 5 are missing"):
        verify(file)


def test_first_entry_that_does_not_follow_the_checkpoint_before_it_is_broken() -> None:
    rows = [OF_4, *forward(ENTRIES[4:], Link(4, "00" * 32))]
    with pytest.raises(Broken, match=r"^5: "):
        verify(trimmed(*rows))


def test_first_entry_is_taken_as_it_is_without_keys() -> None:
    assert verify(make_file(ENTRIES[4:], first=5), has_keys=False).entries == 5


def test_filtered_file_verifies_one_by_one() -> None:
    rows = [ENTRIES[1], ENTRIES[7], OF_8]
    filtered = make_file(rows, first=1, last=9, whole=False, filter={"type": "user.*"})
    assert verify(filtered).signed_up_to == 8


@pytest.mark.parametrize(
    ("seq", "rows"),
    [(8, [ENTRIES[1], {**ENTRIES[7], "type": "x.y"}]), (9, [ENTRIES[7], ENTRIES[1]]), (3, [ENTRIES[1], ENTRIES[1]])],
    ids=["changed", "out of order", "twice"],
)
def test_filtered_file_that_was_changed_is_broken(seq: int, rows: list[Line]) -> None:
    with pytest.raises(Broken) as found:
        verify(make_file(rows, first=1, last=9, whole=False, filter={"type": "user.*"}))
    assert found.value.seq == seq


def test_newest_that_were_cut_everywhere_are_missed_by_a_checkpoint_kept_elsewhere() -> None:
    cut = make_file(WITH_CHECKPOINTS[:5], at=LATER_EXPORT)
    with pytest.raises(Broken, match=r"^5: .*8"):
        verify(cut, anchored=to_bytes([OF_8]))


def test_past_that_was_rewritten_everywhere_differs_from_a_checkpoint_kept_elsewhere() -> None:
    rewritten = forward([rehash(ENTRIES[0], type="x.y"), *ENTRIES[1:]], BEFORE_FIRST)
    with pytest.raises(Broken, match=r"^4: "):
        verify(make_file(rewritten), anchored=to_bytes([OF_4]))


def test_checkpoint_kept_elsewhere_that_is_newer_than_the_file_says_nothing() -> None:
    anchored = to_bytes([checkpoint_line(LINKS[7], at=LATER_EXPORT)])
    assert verify(make_file(ENTRIES[:5]), anchored=anchored).entries == 5


def test_without_keys_the_chain_alone_is_verified() -> None:
    result = verify(make_file(WITH_CHECKPOINTS), has_keys=False)
    assert (result.entries, result.checkpoints) == (9, 0)


NO_EXPORTS = [
    b"",
    b"\xff",
    b"[]",
    json.dumps(ENTRIES[0]).encode(),
    make_file([], v=2).splitlines()[0],
    make_file([], at="2026-02-30T00:00:00.000Z").splitlines()[0],
    b'{"kind":"export"}',
]


@pytest.mark.parametrize("line", NO_EXPORTS, ids=range(len(NO_EXPORTS)))
def test_file_that_is_no_exported_journal_is_not_read(line: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_export(line)


def test_checkpoint_kept_elsewhere_that_is_not_ours_is_not_read() -> None:
    with pytest.raises(Unreadable):
        parse_anchored([b'{"kind":"checkpoint","token":"x"}'], KEYS)
