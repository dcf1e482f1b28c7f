"""Clients generated from the contract by foreign tools play a journey against the API."""

from pathlib import Path

import pytest

from api.openapi import PATH
from tests.outside.generated_clients import (
    Target,
    generate_python,
    generate_typescript,
    play_python,
    play_typescript,
)


@pytest.fixture(scope="module")
def typescript(node: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both TypeScript clients, generated without a warning and compiled."""
    folder = tmp_path_factory.mktemp("typescript")
    generate_typescript(PATH, folder)
    return folder


def test_python_client_plays_the_journey(tmp_path: Path, target: Target) -> None:
    generate_python(PATH, tmp_path)

    play_python(tmp_path, target)


@pytest.mark.parametrize("journey", ["openapi_fetch", "hey_api"])
def test_typescript_client_plays_the_journey(typescript: Path, target: Target, journey: str) -> None:
    play_typescript(typescript, target, journey)
