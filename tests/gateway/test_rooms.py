"""Rooms of sockets by user and session: empty rooms are removed."""

from typing import cast

from api.notifications.gateway.connection import GatewayConnection
from api.notifications.gateway.rooms import Rooms
from api.notifications.gateway.socket import Socket

NO_CONNECTION = cast(GatewayConnection, None)


def socket(number: int, *, user: str = "ann", session: str = "one") -> Socket:
    return Socket(NO_CONNECTION, f"socket-{number}", user, session)


def test_room_exists_from_the_first_socket_to_the_last() -> None:
    rooms, sockets = Rooms(), [socket(number) for number in range(3)]
    entered = [rooms.enter(each) for each in sockets]

    rooms.leave(sockets[0])
    still_there = rooms.find("ann")
    for each in sockets[1:]:
        rooms.leave(each)

    assert still_there is entered[0] is entered[2]
    assert rooms.find("ann") is None


def test_empty_rooms_are_removed() -> None:
    rooms = Rooms()
    sockets = [socket(number, user=f"user-{number % 7}", session=f"session-{number % 11}") for number in range(100)]
    for each in sockets:
        rooms.enter(each)

    for each in sockets:
        rooms.leave(each)

    assert (rooms.all(), rooms.openers(), rooms.sockets()) == ([], [], [])


def test_sockets_are_found_by_their_session() -> None:
    rooms, here, there = Rooms(), socket(1), socket(2, session="other")
    rooms.enter(here)
    rooms.enter(there)

    assert rooms.opened_by("other") == [there]
