"""Each entry follows the one before it, and the first that does not is named."""

import pytest

from domain.journal.chain import BEFORE_FIRST, Link
from domain.journal.checkpoints import Checkpoint
from domain.journal.verification import Broken, ChainCheck
from tests.support.journal_files import AT, Line, link_of, make_entries, make_entry

FIRST, SECOND = make_entries(2)


def add(check: ChainCheck, line: Line) -> None:
    """Verify a line's entry by its hash."""
    check.add({name: value for name, value in line.items() if name not in ("kind", "hash")}, line["hash"])


@pytest.fixture
def check() -> ChainCheck:
    """Return a check that has verified the first entry."""
    check = ChainCheck(BEFORE_FIRST)
    add(check, FIRST)
    return check


def test_chain_as_it_was_written_is_followed(check: ChainCheck) -> None:
    add(check, SECOND)
    assert check.link == link_of(SECOND)


@pytest.mark.parametrize(
    ("line", "seq"),
    [
        (FIRST, 1),
        (make_entry(link_of(SECOND)), 2),
        (make_entry(Link(1, "00" * 32)), 2),
        ({**SECOND, "cause": "x"}, 2),
        ({**SECOND, "seq": "2"}, 2),
    ],
    ids=["again", "one later", "after another", "changed", "number as text"],
)
def test_entry_that_does_not_follow_is_named(check: ChainCheck, line: Line, seq: int) -> None:
    with pytest.raises(Broken) as found:
        add(check, line)
    assert found.value.seq == seq


def test_entry_that_is_not_verified_moves_nothing(check: ChainCheck) -> None:
    with pytest.raises(Broken):
        add(check, FIRST)
    assert check.link == link_of(FIRST)


def test_checkpoint_of_the_newest_entry_is_met(check: ChainCheck) -> None:
    check.meet(Checkpoint(1, check.link.hash, AT))


@pytest.mark.parametrize("link", [Link(1, "00" * 32), link_of(SECOND)], ids=["other hash", "other number"])
def test_checkpoint_of_another_place_is_named(check: ChainCheck, link: Link) -> None:
    with pytest.raises(Broken) as found:
        check.meet(Checkpoint(link.seq, link.hash, AT))
    assert found.value.seq == link.seq
