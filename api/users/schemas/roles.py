"""Change of a user's role."""

from typing import Annotated

from pydantic import Field

from api.schemas.envelope import Body
from api.schemas.fields import ObjectId
from domain.users.users import Role


class RoleRequest(Body):
    user_id: ObjectId
    # A strict enum takes no text, and JSON has nothing else.
    role: Annotated[Role, Field(strict=False)]
