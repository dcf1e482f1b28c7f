"""What the stores of every area are made from."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from adapters.clients import Clients
from adapters.crypto.hashes import KeyedHashes
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.crypto.sealing import FieldCipher
from config.settings import Settings


@dataclass(frozen=True)
class Opening:
    """Clients that are open, keys, and the stack that closes what an area opens besides."""

    settings: Settings
    clients: Clients
    ring: KeyRing
    hashes: KeyedHashes
    stack: AsyncExitStack

    def cipher(self, label: KeyLabel) -> FieldCipher:
        """Encrypts fields of documents under the key of this label."""
        return FieldCipher(self.ring, label)
