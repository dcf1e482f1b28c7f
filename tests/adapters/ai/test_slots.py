"""No more questions go to a model at once than it may have from us; those that wait too long are left to others."""

from datetime import timedelta

import pytest

from adapters.ai import endpoint
from adapters.ai.endpoint import Endpoint, open_client
from domain.assistant.language_models import ModelBusy


async def test_question_that_gets_no_slot_in_time_is_refused_by_name_and_costs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoint, "SLOT_TIMEOUT", timedelta(milliseconds=20))
    async with open_client() as client:
        asked = Endpoint(client, "http://127.0.0.1", {}, most_at_once=1)
        async with asked.slot():
            with pytest.raises(ModelBusy) as busy:
                await asked.slot().__aenter__()
        async with asked.slot():
            assert busy.value.is_unread
