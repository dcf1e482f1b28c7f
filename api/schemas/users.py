"""Profiles as clients see them."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from api.schemas.envelope import View
from api.schemas.flows import Flow
from domain.flows import FlowView
from domain.users import Role, User


class Profile(View):
    """U of the contract."""

    user_id: str = Field(serialization_alias="_id")
    username: str
    display_name: str
    bio: str
    avatar_ipfs_hash: str | None
    role: Role
    is_active: bool
    last_login: datetime | None
    created_at: datetime = Field(serialization_alias="createdAt")
    updated_at: datetime = Field(serialization_alias="updatedAt")

    @classmethod
    def of(cls, user: User) -> "Profile":
        return cls.model_validate(user, from_attributes=True)


class OwnProfile(Profile):
    """What only the person sees. The counts are null while the graph is away."""

    email: str
    wallets: list[object] = Field(default_factory=list)
    primary_wallet: None = None
    following_number: int | None
    followers_number: int | None
    is_online: bool
    pending_flows: list[Flow] = Field(default_factory=list)

    @classmethod
    def of_oneself(
        cls,
        user: User,
        *,
        following: int | None,
        followers: int | None,
        is_online: bool,
        pending_flows: Sequence[FlowView] = (),
    ) -> "OwnProfile":
        return cls(
            **Profile.of(user).model_dump(by_alias=False),
            email=user.email_address,
            following_number=following,
            followers_number=followers,
            is_online=is_online,
            pending_flows=[Flow.of(view) for view in pending_flows],
        )


class NameAvailability(View):
    """`reason`, where the name is not available: `reserved` or `taken`."""

    available: bool
    reason: str | None = None
