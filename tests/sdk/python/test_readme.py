"""The README of the client: its code, run as printed."""

import pytest

from devstack.stack import Stack
from tests.support.markdown_blocks import ROOT, named_blocks
from tests.support.people import SignedIn

PAGE = "sdk/python/README.md"
CODE = next(block.text for block in named_blocks(PAGE) if block.name == "first-steps")


async def test_first_steps_work_as_printed(stack: Stack, someone: SignedIn, capsys: pytest.CaptureFixture[str]) -> None:
    page: dict[str, object] = {}
    exec(compile(CODE, PAGE, "exec"), page)  # noqa: S102 - the code of our page
    main = page["main"]
    assert callable(main)

    await main(stack.url("api"), someone.person.username, someone.person.password, someone.person.fingerprint)

    refused, export, notification, answer = capsys.readouterr().out.splitlines()
    assert refused.startswith("UserNotFound 404 ")
    assert someone.person.username in export
    assert notification == "1 New Login Detected"
    assert answer == "Hello! How can I help you today?"


def test_readme_fits_one_screen() -> None:
    assert len((ROOT / PAGE).read_text(encoding="utf-8").splitlines()) <= 60
