"""The packets of Socket.IO (revision 5) on Engine.IO (revision 4), as far as they are text.

A packet of Engine.IO is a digit and what follows. A message, 4, has one of Socket.IO in it: another digit,
`/namespace,` unless that is `/`, the id with which an acknowledgement is asked for, and JSON.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.sockets.frames import BadFrame, encode, parse_text

ROOT = "/"
_PACKET = re.compile(r"([0-3]|4[0-4])(?:(/[^,]*)(?:,|\Z))?([0-9]{0,15})(.*)", re.DOTALL)


class PacketKind(StrEnum):
    """The digit of Engine.IO, and with 4 that of Socket.IO."""

    OPEN = "0"
    CLOSE = "1"
    PING = "2"
    PONG = "3"
    CONNECT = "40"
    DISCONNECT = "41"
    EVENT = "42"
    ACK = "43"
    CONNECT_ERROR = "44"


@dataclass(frozen=True)
class Packet:
    """One packet. `data`: of its JSON, None without one. `ack_id`: digits, empty where no acknowledgement is meant."""

    kind: PacketKind
    data: Any = None
    namespace: str = ROOT
    ack_id: str = ""


def parse_packet(message: str | bytes) -> Packet:
    """Return the packet of a client's message. Raises BadFrame for what is none, or binary."""
    found = _PACKET.fullmatch(message) if isinstance(message, str) else None
    if found is None:
        raise BadFrame("This is no packet of text.")
    kind, namespace, ack_id, text = found.groups()
    return Packet(PacketKind(kind), parse_text(text) if text else None, namespace or ROOT, ack_id)


def encode_packet(packet: Packet) -> bytes:
    """Return a packet as a WebSocket text frame."""
    namespace = "" if packet.namespace == ROOT else f"{packet.namespace},"
    text = "" if packet.data is None else json.dumps(packet.data, separators=(",", ":"))
    return encode(f"{packet.kind}{namespace}{packet.ack_id}{text}")
