"""`make where` finds the files of a noun on each floor, and helps with a noun that is misspelled."""

from pathlib import Path

import pytest

from tests.house.where import close_matches, main, where

ON_EACH_FLOOR = [
    "domain/accounts/registration.py",
    "adapters/mongo/accounts/registration.py",
    "activities/accounts/registration.py",
    "workflows/accounts/registration.py",
    "api/accounts/routes/registration.py",
    "tests/journeys/registration.py",
]


@pytest.mark.parametrize("path", ON_EACH_FLOOR)
def test_noun_is_found_on_each_floor(path: str) -> None:
    floor = path.partition("/")[0]

    assert Path(path) in where("registration")[floor]


def test_floors_come_from_the_bottom_up() -> None:
    assert list(where("registration")) == [
        *("domain", "adapters", "activities", "workflows", "workers", "api"),
        *("templates", "tests", "bench", "docs", "runbooks"),
    ]


def test_what_puts_a_floor_together_is_listed() -> None:
    found = where("registration")

    assert found["workers"] == [Path("workers/areas/accounts.py")]
    assert Path("api/accounts/routers.py") in found["api"]
    assert Path("adapters/stores/accounts.py") in found["adapters"]


def test_letters_that_the_noun_sends_are_listed() -> None:
    assert Path("templates/mail/create-account") in where("registration")["templates"]


@pytest.mark.parametrize("spelling", ["sign_in", "sign-in", "Sign in", "sign_ins"])
def test_spelling_of_a_noun_does_not_matter(spelling: str) -> None:
    assert where(spelling) == where("sign_in")


def test_word_inside_another_word_is_not_the_noun() -> None:
    assert [path for path in where("mail")["workflows"] if "email" in path.stem] == []


def test_unknown_noun_is_answered_with_close_matches(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registraton"]) == 1
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith("No file has 'registraton' in its name. Close matches: registration, ")


def test_noun_like_no_other_has_no_close_match(capsys: pytest.CaptureFixture[str]) -> None:
    assert close_matches("xyzzyq") == []
    assert main(["xyzzyq"]) == 1
    assert capsys.readouterr().err.endswith("Close matches: none; `ls domain/*` shows what there is.\n")


def test_each_file_stands_with_its_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registration"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  docs/glossary.md ")]
    assert line.endswith(" Glossary")
