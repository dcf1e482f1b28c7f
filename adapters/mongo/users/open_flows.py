"""Flow ids of an account's open changes. They are bearer secrets, so the account stores them encrypted."""

from adapters.crypto.field_cipher import Encrypted, FieldCipher
from domain.users.users import User


class OpenFlows:
    """Decrypts the flow ids of open changes."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def flow_ids(self, user: User) -> list[str]:
        """Return the ids of the flows that the account has open, or had until recently.

        Raises UnknownKey, DecryptionFailed.
        """
        sealed = [Encrypted(change.key_id, change.sealed_flow_id) for change in user.open_changes]
        return [self._cipher.decrypt(each, context=user.user_id).decode() for each in sealed]
