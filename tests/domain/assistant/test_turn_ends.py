"""Each end of a round that is left to no other model ends the turn in a named way."""

import pytest

from domain.assistant.turn_ends import ENDS, FinishReason, RoundEnd, TurnFailure, TurnState, last_ending


@pytest.mark.parametrize("end", [each for each in RoundEnd if each is not RoundEnd.CALLS])
def test_every_end_of_the_last_round_ends_the_turn(end: RoundEnd) -> None:
    state = ENDS[end].state(has_said=False)

    assert not state.is_open
    assert (state is TurnState.FAILED) == (ENDS[end].finish_reason is FinishReason.ERROR)


def test_failures_say_what_the_user_can_do_about_them() -> None:
    failed = {end: ENDS[end].failure for end in (RoundEnd.TOO_LONG, RoundEnd.BUDGET_SPENT, RoundEnd.UNUSABLE)}

    assert failed == {
        RoundEnd.TOO_LONG: TurnFailure.CONTEXT_TOO_LONG,
        RoundEnd.BUDGET_SPENT: TurnFailure.BUDGET_SPENT,
        RoundEnd.UNUSABLE: TurnFailure.MODEL_UNAVAILABLE,
    }


@pytest.mark.parametrize(
    ("endings", "last"),
    [
        ([RoundEnd.UNAVAILABLE, RoundEnd.TOO_LONG], RoundEnd.UNAVAILABLE),
        ([RoundEnd.BUSY, RoundEnd.TOO_LONG], RoundEnd.BUSY),
        ([RoundEnd.UNUSABLE, RoundEnd.TOO_LONG], RoundEnd.TOO_LONG),
        ([RoundEnd.UNAVAILABLE, RoundEnd.DONE], RoundEnd.DONE),
        ([RoundEnd.UNAVAILABLE, RoundEnd.BUDGET_SPENT], RoundEnd.BUDGET_SPENT),
    ],
    ids=["down", "busy", "unusable", "answered", "budget"],
)
def test_chain_has_no_room_only_if_none_of_it_may_answer_later(endings: list[RoundEnd], last: RoundEnd) -> None:
    assert last_ending(endings) is last
