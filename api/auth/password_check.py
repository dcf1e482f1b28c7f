"""Verification of identifier and password, for every route that takes them. An unknown identifier costs the same work
and gets the same response as a known one.
"""

from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.route_limits import identifier_key
from api.auth.login_throttle import LoginThrottle, ThrottleBuckets
from domain.auth.credentials import Credentials
from domain.auth.errors import InvalidCredentials
from domain.auth.password import normalize_password
from domain.users.users import User

NO_FINGERPRINT = ""
"""No device is ever stored under it: a request without a fingerprint counts as an untrusted device."""


@dataclass(frozen=True)
class VerifiedPassword:
    """An account, active or not, whose password was correct, and the buckets that failures are counted in.

    `is_device_trusted`: the account trusts the device of the request. `has_second_factor`: one is enabled.
    """

    user: User
    buckets: ThrottleBuckets
    is_device_trusted: bool
    has_second_factor: bool


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
    found = await resources.auth.credentials.find(key)
    user = found.user if found else None
    user_id = user.user_id if user else resources.hashes.derive_object_id(key, "unknown")
    keyed = resources.hashes.fingerprint_hash(user_id, fingerprint)
    is_device_trusted = found is not None and keyed in found.trusted_fingerprints
    buckets = await throttle.check(key, user, trusted_fingerprint=keyed if is_device_trusted else None)
    encoded = None if found is None or await throttle.is_account_capped(buckets) else found.password_hashed
    is_right = await resources.auth.password_hasher.is_correct(password, encoded)
    if found is None or not is_right:
        await throttle.record_failure(buckets)
        raise InvalidCredentials
    await throttle.require_capacity(buckets)
    await _renew_hash(found, password, resources)
    return VerifiedPassword(found.user, buckets, is_device_trusted, found.has_second_factor)


async def _renew_hash(found: Credentials, password: str, resources: AuthResources) -> None:
    """Replace the hash of an active account if it was made with older parameters."""
    user, encoded, hasher = found.user, found.password_hashed, resources.auth.password_hasher
    if user.is_active and hasher.needs_rehash(encoded):
        newest = await hasher.hash(password)
        await resources.auth.password_hashes.rehash(user.user_id, old=encoded, new=newest)
