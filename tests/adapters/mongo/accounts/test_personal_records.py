"""What an export says of the account itself."""

from adapters.resources import Resources
from domain.users.grants import GrantKind
from tests.support.accounts import make_account
from tests.support.rights import give, make_admin


async def test_grants_are_exported_with_their_reason_and_without_their_giver(resources: Resources) -> None:
    admin, someone = await make_admin(resources), await make_account(resources)
    await give(resources, admin, someone, GrantKind.PERMISSION, "audit:read")

    (account,) = [row async for row in resources.accounts.personal_records.account(someone.user["_id"])]

    grants = account["grants"]
    assert isinstance(grants, list)
    (grant,) = grants
    assert grant.keys() == {"kind", "name", "until", "reason", "at"}
    assert (grant["name"], grant["reason"]) == ("audit:read", "on call")
