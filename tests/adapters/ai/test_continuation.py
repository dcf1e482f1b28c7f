"""A begun answer and its rest meet without a seam, also at blanks, which some providers refuse at the end of a text."""

from collections.abc import AsyncGenerator

import pytest

from adapters.ai.continuation import sent_beginning, without_blanks_again
from domain.assistant.language_models import Heartbeat, Spoken, TextPiece


async def rest(*pieces: str) -> AsyncGenerator[Spoken, None]:
    yield Heartbeat()
    for piece in pieces:
        yield TextPiece(piece)


@pytest.mark.parametrize(
    ("begun", "pieces", "whole"),
    [
        pytest.param("It", [" is", " so"], "It is so", id="no blank"),
        pytest.param("It ", [" is"], "It is", id="blank said again"),
        pytest.param("It\n\n", ["\n", "\nis"], "It\n\nis", id="blanks in pieces"),
        pytest.param("It\n", ["\n\nis"], "It\n\nis", id="more blanks"),
        pytest.param("It ", ["\nis"], "It \nis", id="other blank"),
        pytest.param("It ", ["is"], "It is", id="blank left out"),
    ],
)
async def test_rest_follows_what_was_begun(begun: str, pieces: list[str], whole: str) -> None:
    said = [spoken async for spoken in without_blanks_again(begun, rest(*pieces))]

    assert begun + "".join(spoken.text for spoken in said if isinstance(spoken, TextPiece)) == whole
    assert said[0] == Heartbeat()
    assert sent_beginning(begun) == "It"
