from domain.assistant.writing import Draft, TextPlace
from tests.support.builders import TURN


def test_place_of_a_draft_is_that_of_its_attempt() -> None:
    draft = Draft(TURN, writer=3, number=2, text="words")

    assert draft.place == TextPlace(TURN.chat_id, TURN.turn_id, TURN.attempt, 2)
