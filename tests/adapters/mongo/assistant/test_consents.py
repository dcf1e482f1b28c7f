"""Consent of users who are there."""

import pytest
from bson import ObjectId

from domain.errors import NotAuthenticated
from tests.support.talks import Talks


async def test_user_who_was_deactivated_gives_no_consent(talks: Talks) -> None:
    users, consents = talks.resources.clients.database["users"], talks.resources.assistant.consents
    await users.update_one({"_id": ObjectId(talks.user_id)}, {"$set": {"is_active": False}})

    with pytest.raises(NotAuthenticated):
        await consents.give(talks.user_id, talks.now)

    assert await consents.find(talks.user_id) is None
