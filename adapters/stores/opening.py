"""What the stores of every area are built from."""

import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from adapters.clients import Clients
from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.crypto.keys import KeyLabel, KeyRing
from config.settings import Settings


@dataclass(frozen=True)
class Opening:
    """Open clients, keys, the stack that closes what an area opens in addition, and a new id of this process."""

    settings: Settings
    clients: Clients
    ring: KeyRing
    hashes: KeyedHashes
    stack: AsyncExitStack
    process: str = field(default_factory=lambda: secrets.token_hex(6))

    def cipher(self, label: KeyLabel) -> FieldCipher:
        """Return the cipher that encrypts fields of documents under the key of this label."""
        return FieldCipher(self.ring, label)
