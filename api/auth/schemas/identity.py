"""The identity of a user, in as few fields as possible."""

from pydantic import Field

from api.schemas.envelope import Body, View
from api.schemas.fields import Identifier
from domain.users.users import Role


class CurrentUser(View):
    user_id: str = Field(serialization_alias="userId")
    email: str
    username: str
    role: Role


class ExistRequest(Body):
    email_or_username: Identifier


class Existence(View):
    exists: bool
