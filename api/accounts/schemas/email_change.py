"""Changing one's mail address, and taking the change back."""

from api.schemas.envelope import Body
from api.schemas.fields import Code, EmailAddress, FlowId
from api.users.schemas.users import Profile
from domain.users.users import User


class EmailChangeCodeRequest(Body):
    flow_id: FlowId
    code: Code


class NewEmailRequest(Body):
    flow_id: FlowId
    new_email: EmailAddress


class ProfileWithEmail(Profile):
    """U and the address, for oneself."""

    email: str

    @classmethod
    def of_owner(cls, user: User) -> "ProfileWithEmail":
        return cls(**Profile.of(user).model_dump(by_alias=False), email=user.email_address)
