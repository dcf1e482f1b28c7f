"""An answer that is being said is not held up by MongoDB: what cannot be saved now is saved later."""

from datetime import UTC, datetime
from unittest.mock import create_autospec

import pymongo.errors
import pytest

from adapters.mongo.assistant.answers import AnswerStore
from adapters.resources import Resources
from domain.assistant.writing import Draft

LEAVING = pymongo.errors.WriteConcernError(
    "operation was interrupted", 11600, {"errorLabels": ["RetryableWriteError"], "code": 11600}
)
GONE = pymongo.errors.ServerSelectionTimeoutError("no primary")
REFUSING = pymongo.errors.WriteError("Document failed validation", code=121)


async def try_save(resources: Resources, monkeypatch: pytest.MonkeyPatch, error: Exception) -> bool:
    """Try to save an answer while each write fails with `error`."""

    async def fail(*_: object) -> bool:
        raise error

    monkeypatch.setattr(AnswerStore, "save", fail)
    return await resources.assistant.answers.try_save(create_autospec(Draft), datetime.now(UTC))


@pytest.mark.parametrize("error", [LEAVING, GONE], ids=["leaving", "gone"])
async def test_server_that_is_away_is_left_for_later(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert await try_save(resources, monkeypatch, error) is False


async def test_refusal_for_good_is_raised(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pymongo.errors.WriteError):
        await try_save(resources, monkeypatch, REFUSING)
