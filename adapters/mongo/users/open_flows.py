"""Flow ids of the changes that an account has under way. They are bearer secrets: the account holds them encrypted."""

from adapters.crypto.sealing import Encrypted, FieldCipher
from domain.users.users import User


class OpenFlows:
    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def flow_ids(self, user: User) -> list[str]:
        """Ids of the flows that the account has open, or had until lately. Raises UnknownKey."""
        sealed = [Encrypted(change.key_id, change.sealed_flow_id) for change in user.open_changes]
        return [self._cipher.decrypt(each, context=user.user_id).decode() for each in sealed]
