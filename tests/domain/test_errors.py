"""What a refusal carries."""

from domain.errors import WrongCode


def test_details_and_waiting_time_travel_along() -> None:
    refused = WrongCode(details={"attempts_left": 2}, retry_after=7)

    assert refused.details == {"attempts_left": 2}
    assert refused.retry_after == 7
