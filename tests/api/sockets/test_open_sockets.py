"""Open sockets by user and opener, and in groups of a gateway's own: empty groups are removed."""

from typing import cast

from api.sockets.connection import GatewayConnection
from api.sockets.open_sockets import Group, Groups, OpenSockets
from api.sockets.socket import Socket

NO_CONNECTION = cast(GatewayConnection, None)


def socket(number: int, *, user: str = "ann", session: str = "one") -> Socket:
    return Socket(NO_CONNECTION, f"socket-{number}", user, session)


def open_sockets() -> OpenSockets[Group[Socket]]:
    return OpenSockets(Group)


def test_group_exists_from_the_first_socket_to_the_last() -> None:
    here, sockets = open_sockets(), [socket(number) for number in range(3)]
    entered = [here.enter(each) for each in sockets]

    here.leave(sockets[0])
    still_there = here.users.find("ann")
    for each in sockets[1:]:
        here.leave(each)

    assert still_there is entered[0] is entered[2]
    assert here.users.find("ann") is None


def test_empty_groups_are_removed() -> None:
    here = open_sockets()
    sockets = [socket(number, user=f"user-{number % 7}", session=f"session-{number % 11}") for number in range(100)]
    for each in sockets:
        here.enter(each)

    for each in sockets:
        here.leave(each)

    assert (here.users.keys(), here.openers(), here.all()) == ([], [], [])


def test_sockets_are_found_by_their_session() -> None:
    sockets, here, there = open_sockets(), socket(1), socket(2, session="other")
    sockets.enter(here)
    sockets.enter(there)

    assert sockets.opened_by("other") == [there]
    assert sockets.opened_by("a third") == []


def test_sockets_of_two_users_are_one_group_by_another_key() -> None:
    chats: Groups[Group[Socket]] = Groups(Group)
    ann, bob = socket(1), socket(2, user="bob")

    chats.enter("chat", ann)
    chats.enter("chat", bob)

    assert [(chat.key, chat.sockets) for chat in chats.all()] == [("chat", [ann, bob])]
