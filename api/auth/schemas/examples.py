"""Examples of the auth area in the contract."""

from api.auth.schemas.api_keys import (
    ApiKeyList,
    ApiKeySelf,
    ApiKeyUsage,
    ApiKeyView,
    ChangeApiKeyRequest,
    CreateApiKeyRequest,
    IssuedApiKey,
    RotateApiKeyRequest,
)
from api.auth.schemas.devices import RevokeDeviceRequest, TrustedDevices
from api.auth.schemas.identity import CurrentUser, Existence, ExistRequest
from api.auth.schemas.password import (
    ChangePasswordRequest,
    ForgotPasswordCodeRequest,
    ForgotPasswordRequest,
    NewPasswordRequest,
)
from api.auth.schemas.sessions import (
    AccessTokenClaims,
    AccessTokenRequest,
    ActiveSessions,
    LoginRequest,
    RevokeAllRequest,
    RevokedCount,
    RevokeSessionRequest,
    SessionTokenRequest,
    SessionView,
)
from api.auth.schemas.sign_in import DeviceCodeRequest, DeviceResendRequest, SecondFactorRequest
from api.auth.schemas.sso import CreateSsoTokenRequest, SsoTokenView, ValidateSsoTokenRequest
from api.auth.schemas.two_factor import EnableTwoFactorRequest, RecoveryCodes, TwoFactorSetup, TwoFactorStatus
from api.auth.schemas.wallets import (
    ChallengeView,
    WalletAddressRequest,
    WalletChallengeRequest,
    WalletList,
    WalletProofRequest,
    WalletSignInRequest,
    WalletView,
)
from api.schemas.examples import CODE, FLOW, LATER, NEXT_MONTH, NOW, USER_ID, Examples
from api.schemas.step_up import SteppedUp, StepUpBody

SESSION_ID = "65e1a0c4f1d2b3a4c5d6e701"
DEVICE_ID = "65e1a0c4f1d2b3a4c5d6e702"
SESSION_TOKEN = "k1.65e1a0c4f1d2b3a4c5d6e701.3.dGhlIHRhZyBvZiB0aGlzIGdlbmVyYXRpb24"  # noqa: S105 - opens nothing
API_KEY_TEXT = f"dk_live_4fGh2LmN8pQr_{'0' * 49}"
ACCESS_TOKEN = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"  # noqa: S105
SSO_TOKEN = "q8Yt1Xc7Lw2Zk9Nd5Hf3Pg6ArJ4mB0sVq8Yt1Xc7Lw2"  # noqa: S105 - opens nothing
PASSWORD = "correct horse battery"  # noqa: S105 - of no account
OTP = {"otp": "123456"}
DEVICE = {"fingerprint_hashed": "3f" * 32, "browser": "Firefox", "device": "Laptop", "app": "decode"}
SESSION_FACTS = {
    "_id": SESSION_ID,
    "user_id": USER_ID,
    "device_fingerprint_id": DEVICE_ID,
    "app": "decode",
    "is_active": True,
    "expires_at": NEXT_MONTH,
    "last_used_at": NOW,
    "createdAt": NOW,
    "updatedAt": NOW,
}
SESSION = {**SESSION_FACTS, "session_token": SESSION_TOKEN, "access_token": ACCESS_TOKEN, "expires_in": 900}
DEVICE_NAME = {"_id": DEVICE_ID, "device": "Laptop", "browser": "Firefox"}
TRUSTED = {"is_trusted": True, "trusted_at": NOW, "last_seen_at": NOW, "current": True, "sessions": [SESSION_FACTS]}
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
WALLET = {
    "_id": "65e1a0c4f1d2b3a4c5d6e703",
    "address": ADDRESS,
    "user_id": USER_ID,
    "chain_id": 1,
    "name_service": None,
    "is_primary": True,
    "createdAt": NOW,
}
SIGNED = {"message": "Sign in to Decode\nNonce: 8a7d", "signature": "0x" + "ab" * 65}
CLAIMS = {
    "iss": "decode-auth-service",
    "aud": "decode-frontend",
    "sub": USER_ID,
    "user_id": USER_ID,
    "username": "alice",
    "role": "user",
    "session_id": SESSION_ID,
    "device_id": DEVICE_ID,
    "amr": ["pwd"],
    "gen": 3,
    "iat": 1772357400,
    "exp": 1772358300,
    "jti": "0b3c8a0e-5c51-4b8e-9f57-0d5f2f0c9d11",
}
SET_UP = {"otp_secret": "JBSWY3DPEHPK3PXP", "otpauth_uri": "otpauth://totp/Decode:alice?secret=JBSWY3DPEHPK3PXP"}
API_KEY = {
    "_id": "65e1a0c4f1d2b3a4c5d6e704",
    "name": "nightly report",
    "prefix": "dk_live_4fGh2LmN8pQr",
    "scopes": ["notifications:read", "profile:read"],
    "limit": {"count": 600, "seconds": 60},
    "networks": ["203.0.113.0/24"],
    "expires_at": LATER,
    "createdAt": NOW,
    "last_used_at": NOW,
    "last_used_network": "203.0.113.0/24",
    "secrets": [{"from": NOW, "until": None}],
    "is_active": True,
}
API_KEY_SELF = {
    "key": API_KEY,
    "user_id": USER_ID,
    "username": "alice",
    "permissions": ["notifications:read", "profile:read"],
    "limit_state": {"count": 600, "remaining": 599, "reset_seconds": 60},
}
DAY_OF_USE = {"day": "2026-03-01", "calls": 1200, "refusals": 3, "routes": ["GET /notifications"]}

EXAMPLES: Examples = {
    AccessTokenClaims: CLAIMS,
    AccessTokenRequest: {"access_token": ACCESS_TOKEN},
    ActiveSessions: {"sessions": [{**SESSION_FACTS, "device": DEVICE_NAME, "current": True}]},
    ApiKeyList: {"keys": [API_KEY]},
    ApiKeySelf: API_KEY_SELF,
    ApiKeyUsage: {"days": [DAY_OF_USE]},
    ApiKeyView: API_KEY,
    ChallengeView: {"message": SIGNED["message"]},
    ChangeApiKeyRequest: {"scopes": ["notifications:read"], "limit": None},
    ChangePasswordRequest: {"old_password": PASSWORD, "new_password": "incorrect donkey staple"},
    CreateApiKeyRequest: {"name": "nightly report", "scopes": ["notifications:read"], "expires_in_days": 90},
    CreateSsoTokenRequest: {"app": "desk"},
    CurrentUser: {"userId": USER_ID, "email": "alice@example.com", "username": "alice", "role": "user"},
    DeviceCodeRequest: CODE,
    DeviceResendRequest: FLOW,
    EnableTwoFactorRequest: OTP,
    ExistRequest: {"email_or_username": "alice"},
    Existence: {"exists": True},
    ForgotPasswordCodeRequest: CODE,
    ForgotPasswordRequest: {"email_or_username": "alice@example.com"},
    IssuedApiKey: {"key": API_KEY, "secret": API_KEY_TEXT},
    LoginRequest: {"email_or_username": "alice", "password": PASSWORD, **DEVICE},
    NewPasswordRequest: {**CODE, "new_password": "incorrect donkey staple"},
    RecoveryCodes: {"recovery_codes": ["K7M2-QX9P-4TBW-Z3HC"]},
    RevokeAllRequest: {"keep_current": True},
    RevokeDeviceRequest: {"device_fingerprint_id": DEVICE_ID, "current_password": PASSWORD},
    RevokeSessionRequest: {"session_id": SESSION_ID},
    RevokedCount: {"revoked": 2},
    RotateApiKeyRequest: {"overlap_seconds": 86400},
    SecondFactorRequest: {**FLOW, **OTP, "trust_device": True},
    SessionTokenRequest: {"session_token": SESSION_TOKEN},
    SessionView: SESSION,
    SsoTokenView: {"sso_token": SSO_TOKEN, "expires_in": 60},
    StepUpBody: {"current_password": PASSWORD},
    SteppedUp: {"stepped_up_until": LATER},
    TrustedDevices: {"devices": [{**DEVICE_NAME, **TRUSTED}]},
    TwoFactorSetup: {**SET_UP, "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg"></svg>'},
    TwoFactorStatus: {"enabled": True, "enabled_at": NOW, "recovery_codes_left": 10},
    ValidateSsoTokenRequest: {"sso_token": SSO_TOKEN, "app": "desk"},
    WalletAddressRequest: {"address": ADDRESS},
    WalletChallengeRequest: {"address": ADDRESS, "chain_id": 1},
    WalletList: {"wallets": [WALLET]},
    WalletProofRequest: SIGNED,
    WalletSignInRequest: {**SIGNED, **DEVICE},
    WalletView: WALLET,
}
