"""The gauge by which operators see that turns do not move, on a database of the test's own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from bson import ObjectId
from temporalio.common import MetricMeter
from temporalio.testing import ActivityEnvironment

from activities.operations.chat_upkeep import ChatUpkeepActivities
from activities.operations.sweep import FindIntents
from adapters.mongo.assistant.upkeep import ChatUpkeepStore
from adapters.mongo.client import Database
from adapters.resources import Resources

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
TEN_SECONDS_AGO = NOW - timedelta(seconds=10)


@pytest.mark.parametrize(
    ("ages", "age"),
    [
        pytest.param({}, 0.0, id="none-open"),
        pytest.param({"queued": 4}, 4.0, id="young"),
        pytest.param({"queued": 60, "running": 40}, 60.0, id="waiting"),
        pytest.param({"queued": 40, "running": 60}, 60.0, id="being-answered"),
        pytest.param({"queued": -1}, 0.0, id="after-the-sweep-began"),
    ],
)
async def test_age_of_the_oldest_open_turn_is_measured(
    environment: ActivityEnvironment,
    database: Database,
    resources: Resources,
    ages: Mapping[str, float],
    age: float,
) -> None:
    closed = {"chat_id": ObjectId(), "number": 1, "state": "completed"}
    turns = [
        {"chat_id": ObjectId(), "number": 1, "state": state, "open_since": NOW - timedelta(seconds=seconds)}
        for state, seconds in ages.items()
    ]
    await database["turns"].insert_many([closed, *turns])
    environment.metric_meter = meter = Mock(spec=MetricMeter)
    meter.with_additional_attributes.return_value = meter
    activities = ChatUpkeepActivities(ChatUpkeepStore(database, resources.assistant.askers), resources.hashes)

    await environment.run(activities.find_waiting, FindIntents(TEN_SECONDS_AGO, NOW))

    meter.create_gauge_float.assert_called_once_with("decode_oldest_waiting_turn_seconds", unit="s")
    meter.create_gauge_float.return_value.set.assert_called_once_with(age)
