"""Creating an account."""

from api.auth.schemas.sessions import DEFAULT_APP, SessionView
from api.schemas.envelope import Body, View
from api.schemas.fields import AppName, Code, EmailAddress, Fingerprint, FlowId, Label, Password, Username
from api.users.schemas.users import Profile

UNKNOWN = "unknown"


class RegisterRequest(Body):
    username: Username
    email: EmailAddress
    password: Password


class ResendRequest(Body):
    flow_id: FlowId


class VerifyEmailRequest(Body):
    """With `fingerprint_hashed` the registration ends in a session on that device, which is then trusted."""

    flow_id: FlowId
    code: Code
    fingerprint_hashed: Fingerprint | None = None
    browser: Label = UNKNOWN
    device: Label = UNKNOWN
    app: AppName = DEFAULT_APP


class Registered(View):
    """`session` is null when no device was named."""

    user: Profile
    session: SessionView | None
