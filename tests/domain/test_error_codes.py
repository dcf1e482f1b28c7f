"""Every refusal has a code that clients rely on. `python -m tests.domain.test_error_codes` writes the golden list."""

import re
import sys
from pathlib import Path

import pytest

from domain.error_codes import ERRORS, error_named
from domain.errors import DecodeError, InternalError

GOLDEN = Path(__file__).with_name("error_codes.golden.txt")
CODES = [ERRORS[code] for code in sorted(ERRORS)]
REFUSALS = [DecodeError, *CODES]


def names_and_statuses() -> str:
    return "".join(f"{refusal.__name__} {refusal.status}\n" for refusal in CODES)


def test_names_and_statuses_are_as_promised() -> None:
    assert names_and_statuses() == GOLDEN.read_text(), "clients rely on these; python -m tests.domain.test_error_codes"


@pytest.mark.parametrize("refusal", REFUSALS)
def test_status_is_a_refusal(refusal: type[DecodeError]) -> None:
    assert refusal.status in range(400, 600)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_message_is_made_of_sentences(refusal: type[DecodeError]) -> None:
    assert re.fullmatch(r"[A-Z].{10,120}\.", refusal.message)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_text_of_the_error_is_its_message(refusal: type[DecodeError]) -> None:
    assert str(refusal(details={"email": "alice@example.com"}, retry_after=3)) == refusal.message


@pytest.mark.parametrize("refusal", CODES)
def test_name_leads_back_to_its_class(refusal: type[DecodeError]) -> None:
    assert error_named(refusal.__name__) is refusal


@pytest.mark.parametrize("name", ["", "DecodeError", "ValueError", "wrongcode", "WrongCode\n"])
def test_name_that_is_none_of_ours_is_an_internal_error(name: str) -> None:
    assert error_named(name) is InternalError


@pytest.mark.parametrize("refusal", CODES)
def test_refusal_is_not_refined_further(refusal: type[DecodeError]) -> None:
    assert refusal.__bases__ == (DecodeError,)


def test_no_class_is_missing_among_the_codes() -> None:
    """A class that no area's part defines would travel as InternalError."""
    assert set(DecodeError.__subclasses__()) == set(CODES)


if __name__ == "__main__":
    GOLDEN.write_text(names_and_statuses())
    sys.stdout.write(f"wrote {GOLDEN.name}\n")
