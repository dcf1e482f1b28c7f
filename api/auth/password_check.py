"""Verification of identifier and password, for every route that takes them. An unknown identifier costs the same work
and gets the same response as a known one.
"""

from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.route_limits import identifier_key
from api.auth.login_throttle import LoginThrottle, ThrottleBuckets
from domain.auth.errors import InvalidCredentials
from domain.auth.password import normalize_password
from domain.users.users import User

NO_FINGERPRINT = ""
"""No device is ever stored under it: a request without a fingerprint counts as an untrusted device."""


@dataclass(frozen=True)
class VerifiedPassword:
    """An account, active or not, whose password was correct, and the buckets that failures are counted in.

    `is_device_trusted`: the account trusts the device of the request.
    """

    user: User
    buckets: ThrottleBuckets
    is_device_trusted: bool


async def verify_password(
    email_or_username: str,
    typed_password: str,
    resources: AuthResources,
    throttle: LoginThrottle,
    *,
    fingerprint: str = NO_FINGERPRINT,
) -> VerifiedPassword:
    """Return the account of this username or email address if the password is correct.

    Raises InvalidCredentials, or AccountThrottled after too many failures.
    """
    key, password = identifier_key(email_or_username), normalize_password(typed_password)
    user, encoded = await resources.users.users.find_credentials(key) or (None, None)
    user_id = user.user_id if user else resources.hashes.derive_object_id(key, "unknown")
    keyed = resources.hashes.fingerprint_hash(user_id, fingerprint)
    is_device_trusted = await resources.auth.devices.is_trusted(user_id, keyed)
    buckets = await throttle.check(key, user, trusted_fingerprint=keyed if is_device_trusted else None)
    checked = None if await throttle.is_account_capped(buckets) else encoded
    is_right = await resources.auth.password_hasher.is_correct(password, checked)
    if user is None or encoded is None or not is_right:
        await throttle.record_failure(buckets)
        raise InvalidCredentials
    await throttle.require_capacity(buckets)
    if user.is_active and resources.auth.password_hasher.needs_rehash(encoded):
        newest = await resources.auth.password_hasher.hash(password)
        await resources.auth.password_hashes.rehash(user.user_id, old=encoded, new=newest)
    return VerifiedPassword(user, buckets, is_device_trusted)
