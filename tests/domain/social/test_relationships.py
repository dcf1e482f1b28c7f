from datetime import UTC, datetime

from domain.social.relationships import PersonSummary, person_summary
from domain.users.users import Role, User

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_face_shows_what_a_list_needs_and_no_address() -> None:
    user = User("a" * 24, "ann", "ann@people.test", "Ann", "likes cake", "Qm", Role.USER, True, 0, None, NOW, NOW)

    assert person_summary(user) == PersonSummary("a" * 24, "ann", Role.USER, "Ann", "Qm")
