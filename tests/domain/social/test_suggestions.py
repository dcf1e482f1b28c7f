import pytest

from domain.errors import InvalidInput
from domain.social.relationships import PersonSummary, RelationCounts
from domain.social.suggestions import (
    Slice,
    Suggestion,
    SuggestionSlice,
    cursor_slice,
    explain_suggestion,
    next_position,
    page_slice,
)
from domain.users.users import Role

FACE = PersonSummary("a" * 24, "ann", Role.USER, "Ann", None)


def suggestion(position: int = 0, *, mutual: int = 1, shared: int = 0) -> Suggestion:
    return Suggestion(position, 0.5, FACE, RelationCounts(mutual_followers_number=mutual), shared)


def found(standing: list[int], shown: list[int]) -> SuggestionSlice:
    return SuggestionSlice("1.0.0", standing, [suggestion(position) for position in shown])


def test_page_is_always_the_same_part_of_a_run() -> None:
    assert page_slice(page=2, limit=20) == Slice(40, 60, 20)


def test_page_after_a_cursor_starts_at_its_offset() -> None:
    wanted_slice = cursor_slice("40", limit=20)

    assert (wanted_slice.start, wanted_slice.limit) == (40, 20)
    assert wanted_slice.end > 200


@pytest.mark.parametrize("cursor", ["", "-1", "1.5", "x", "100000", "1;2"])
def test_anything_else_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        cursor_slice(cursor, limit=20)


@pytest.mark.parametrize(
    ("standing", "shown", "following"),
    [
        pytest.param([0, 1, 2, 3], [0, 1], 2, id="all stand"),
        pytest.param([0, 2, 3], [0], 2, id="one of the page has gone"),
        pytest.param([0, 1], [0, 1], None, id="none is left"),
        pytest.param([], [], None, id="none was there"),
    ],
)
def test_next_page_by_number_begins_where_this_one_ends(
    standing: list[int], shown: list[int], following: int | None
) -> None:
    assert next_position(found(standing, shown), page_slice(page=0, limit=2)) == following


@pytest.mark.parametrize(
    ("standing", "shown", "following"),
    [
        pytest.param([0, 2, 5, 7], [2, 5], 6, id="after the last one shown"),
        pytest.param([0, 2, 5], [2, 5], None, id="none is left"),
        pytest.param([0, 2], [2], None, id="page that is not full"),
    ],
)
def test_next_page_by_cursor_begins_after_the_last_one_shown(
    standing: list[int], shown: list[int], following: int | None
) -> None:
    assert next_position(found(standing, shown), cursor_slice("1", limit=2)) == following


@pytest.mark.parametrize(
    ("mutual", "shared", "reason"),
    [
        (3, 0, "Followed by 3 whom you follow"),
        (0, 2, "Shares 2 of your interests"),
        (1, 1, "Followed by 1 whom you follow and shares 1 of your interests"),
        (0, 0, None),
    ],
)
def test_suggestion_says_why(mutual: int, shared: int, reason: str | None) -> None:
    assert explain_suggestion(suggestion(mutual=mutual, shared=shared)) == reason
