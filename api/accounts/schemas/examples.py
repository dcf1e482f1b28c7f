"""Examples of the accounts area in the contract."""

from api.accounts.schemas.account_deletion import Deactivated, Reactivated, ReactivateRequest
from api.accounts.schemas.email_change import EmailChangeCodeRequest, NewEmailRequest, ProfileWithEmail
from api.accounts.schemas.registration import Registered, RegisterRequest, ResendRequest, VerifyEmailRequest
from api.accounts.schemas.username_change import UsernameChangeCodeRequest, UsernameChangeRequest
from api.accounts.schemas.usernames import NameAvailability
from api.auth.schemas.examples import DEVICE, PASSWORD, SESSION
from api.schemas.examples import CODE, FLOW, NEXT_MONTH, Examples
from api.users.schemas.examples import PROFILE

EMAIL = "alice@example.com"

EXAMPLES: Examples = {
    Deactivated: {"deletion_at": NEXT_MONTH, "flow_id": "dJ4mB0sVq8Yt1Xc7Lw2Zk9Nd5Hf3Pg6A"},
    EmailChangeCodeRequest: CODE,
    NameAvailability: {"available": False, "reason": "taken"},
    NewEmailRequest: {**FLOW, "new_email": "alice.lee@example.com"},
    ProfileWithEmail: {**PROFILE, "email": EMAIL},
    ReactivateRequest: {"email_or_username": "alice", "password": PASSWORD},
    Reactivated: {"reactivated": True},
    RegisterRequest: {"username": "alice", "email": EMAIL, "password": PASSWORD},
    Registered: {"user": PROFILE, "session": SESSION},
    ResendRequest: FLOW,
    UsernameChangeCodeRequest: CODE,
    UsernameChangeRequest: {"new_username": "alice_lee", "current_password": PASSWORD},
    VerifyEmailRequest: {**CODE, **DEVICE},
}
