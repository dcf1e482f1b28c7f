"""Summaries of users by id: those whom the caller may see."""

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.relationships import ids_of, make_block


async def test_hidden_user_takes_no_place_of_another(resources: Resources) -> None:
    """The list is cut after those are left out whom the caller may not see."""
    someone, *people = [await make_account(resources) for _ in range(5)]
    await make_block(resources, people[0], someone)

    found = await resources.social.person_summaries.find_visible(
        ids_of(*people), caller_id=someone.user["_id"], limit=2
    )

    assert [summary.user_id for summary in found] == ids_of(*people[1:3])
