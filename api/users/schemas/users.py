"""Profiles as clients see them."""

from pydantic import Field

from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from domain.users.users import Role, User


class Profile(View):
    """U of the contract."""

    user_id: str = Field(serialization_alias="_id")
    username: str
    display_name: str
    bio: str
    avatar_ipfs_hash: str | None
    role: Role
    is_active: bool
    last_login: Timestamp | None
    created_at: Timestamp = Field(serialization_alias="createdAt")
    updated_at: Timestamp = Field(serialization_alias="updatedAt")

    @classmethod
    def of(cls, user: User) -> "Profile":
        return cls.model_validate(user, from_attributes=True)
