"""The limit of messages from one socket."""

from api.sockets.message_loop import MAX_MESSAGES_PER_WINDOW, WINDOW_SECONDS, MessageRate


def test_thirty_messages_in_any_ten_seconds_are_allowed() -> None:
    now = 0.0
    rate = MessageRate(lambda: now)

    first = [rate.allow() for _ in range(MAX_MESSAGES_PER_WINDOW + 1)]
    now = WINDOW_SECONDS
    later = rate.allow()

    assert first == [True] * MAX_MESSAGES_PER_WINDOW + [False]
    assert later
