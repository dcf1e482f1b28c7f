"""The states of a mail's record: three of them are its end."""

import pytest

from domain.delivery.mail import MailState


@pytest.mark.parametrize(
    ("state", "is_final"),
    [
        (MailState.RENDERED, False),
        (MailState.SENDING, False),
        (MailState.ACCEPTED, True),
        (MailState.BOUNCED, True),
        (MailState.FAILED, True),
    ],
)
def test_mail_server_has_spoken_or_not(state: MailState, is_final: bool) -> None:
    assert state.is_final is is_final
