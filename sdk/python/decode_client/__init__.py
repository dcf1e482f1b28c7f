"""A client of Decode. `DecodeClient` has every operation of the contract; the rest is what it raises and answers."""

from decode_client.client import DecodeClient
from decode_client.errors import DecodeError, FlowEnded
from decode_client.generated import answers, requests
from decode_client.generated.version import VERSION as __version__

__all__ = ["DecodeClient", "DecodeError", "FlowEnded", "__version__", "answers", "requests"]
