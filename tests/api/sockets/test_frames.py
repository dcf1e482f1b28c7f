"""Frames of clients, as the table of their gateway has them."""

import json

import pytest

from api.sockets.frames import BadFrame, decode, encode, parse_frame
from api.sockets.messages import SHARED_EVENTS, Ping, SocketData


class Say(SocketData):
    text: str


def test_event_is_read_by_the_table_of_its_gateway() -> None:
    said = parse_frame('{"event":"say","data":{"text":"hello"}}', {"say": Say})

    assert said == Say(text="hello")


def test_event_of_another_gateway_is_refused() -> None:
    with pytest.raises(BadFrame, match="not known"):
        parse_frame('{"event":"say","data":{"text":"hello"}}', SHARED_EVENTS)


def test_event_without_data_is_taken() -> None:
    assert isinstance(parse_frame('{"event":"ping"}', SHARED_EVENTS), Ping)


@pytest.mark.parametrize("size", [0, 126, 65_536])
def test_encoded_frame_is_read_whatever_its_length(size: int) -> None:
    assert decode(encode(json.dumps("x" * size))) == "x" * size
