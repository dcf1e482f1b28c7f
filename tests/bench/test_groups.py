"""ONLY names groups of rows: one or several, between commas or spaces; a name that is none lists those that are."""

import pytest

from bench.__main__ import main
from bench.groups import NAMES, UnknownGroup, chosen_names


def test_nothing_asked_is_everything() -> None:
    assert chosen_names([]) == NAMES
    assert chosen_names([" "]) == NAMES


@pytest.mark.parametrize("only", [["follow", "registration"], ["follow,registration"], ["follow, registration"]])
def test_asked_groups_come_in_the_order_of_the_report(only: list[str]) -> None:
    assert chosen_names(only) == ("registration", "follow")


def test_group_asked_twice_is_measured_once() -> None:
    assert chosen_names(["follow", "follow"]) == ("follow",)


def test_unknown_group_is_refused_with_all_names() -> None:
    with pytest.raises(UnknownGroup, match="no group registrations; there are: registration, sign-in"):
        chosen_names(["registrations,follow"])


def test_command_with_an_unknown_group_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "nonsense"]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "nonsense" in told.err
