"""Name and password, for every route that takes them: the same work and the same answer for a name nobody has."""

from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.route_limits import identifier_key
from api.auth.login_throttle import Lane, LoginThrottle
from domain.auth.errors import InvalidCredentials
from domain.auth.password import normal_password
from domain.users.users import User

NO_DEVICE = ""
"""No device is ever stored under it: who comes without one is counted as a stranger."""


@dataclass(frozen=True)
class Proved:
    """An account whose password is proved, whether or not it is active, and the lane that failures are counted in.

    `is_device_trusted`: the account trusts the device that the password came from.
    """

    user: User
    lane: Lane
    is_device_trusted: bool


async def proved(
    typed: str, password_typed: str, resources: AuthResources, throttle: LoginThrottle, *, fingerprint: str = NO_DEVICE
) -> Proved:
    """The account of this name or address, once its password is proved.

    Raises InvalidCredentials, or AccountThrottled after too many failures.
    """
    key, password = identifier_key(typed), normal_password(password_typed)
    user, encoded = await resources.users.users.find_credentials(key) or (None, None)
    user_id = user.user_id if user else resources.hashes.object_id(key, "nobody")
    keyed = resources.hashes.fingerprint(user_id, fingerprint)
    is_device_trusted = await resources.auth.devices.is_trusted(user_id, keyed)
    lane = await throttle.enter(key, user, trusted_fingerprint=keyed if is_device_trusted else None)
    checked = None if await throttle.is_capped(lane) else encoded
    is_right = await resources.auth.passwords.is_right(password, checked)
    if user is None or encoded is None or not is_right:
        await throttle.failed(lane)
        raise InvalidCredentials
    await throttle.require_room(lane)
    if user.is_active and resources.auth.passwords.is_outdated(encoded):
        newest = await resources.auth.passwords.hash(password)
        await resources.auth.password_hashes.upgrade(user.user_id, old=encoded, new=newest)
    return Proved(user, lane, is_device_trusted)
