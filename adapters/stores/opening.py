"""What the stores of every area are made from."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from adapters.clients import Clients
from adapters.crypto.hashes import Hashes
from adapters.crypto.keys import KeyRing, Label
from adapters.crypto.sealing import Sealing
from config.settings import Settings


@dataclass(frozen=True)
class Opening:
    """Clients that are open, keys, and the stack that closes what an area opens besides."""

    settings: Settings
    clients: Clients
    ring: KeyRing
    hashes: Hashes
    stack: AsyncExitStack

    def cipher(self, label: Label) -> Sealing:
        """Encrypts fields of documents under the key of this label."""
        return Sealing(self.ring, label)
