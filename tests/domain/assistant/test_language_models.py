from dataclasses import replace

import pytest

from domain.assistant.conversation import BYTES_PER_TOKEN, RESERVED_TOKENS
from domain.assistant.language_models import MOCK, ModelCatalogue, ModelFacts
from domain.assistant.turns import Usage

SMALL = ModelFacts("small", context_tokens=1_000, max_output=100)
OTHERS = replace(MOCK, name="others", is_external=True)
CATALOGUE = ModelCatalogue({"mock": MOCK, "others": OTHERS}, ("others", "mock"))


def test_prompt_answer_and_reserve_share_the_context() -> None:
    assert SMALL.max_prompt_bytes() == (1_000 - 100 - RESERVED_TOKENS) * BYTES_PER_TOKEN


def test_prompt_is_as_large_as_its_tokens_were_counted() -> None:
    assert SMALL.max_prompt_bytes(4.5) == (1_000 - 100 - RESERVED_TOKENS) * 4.5


def test_answer_is_cut_behind_all_that_a_model_could_mean_by_its_limit() -> None:
    assert SMALL.max_answer_bytes == 800


def test_cost_is_that_of_both_directions_and_none_without_a_price() -> None:
    priced = replace(SMALL, price_in=0.25, price_out=2.0)

    assert priced.cost_micro(Usage(1_000, 100)) == 450
    assert SMALL.cost_micro(Usage(1_000, 100)) is None


@pytest.mark.parametrize(
    ("named", "asked"), [(None, ["others", "mock"]), ("mock", ["mock"]), ("retired", [])], ids=["none", "one", "gone"]
)
def test_chain_is_asked_unless_a_chat_names_a_model(named: str | None, asked: list[str]) -> None:
    assert list(CATALOGUE.models_to_ask(named)) == asked


def test_words_go_to_others_as_soon_as_one_model_is_external() -> None:
    ours = ModelCatalogue({"mock": MOCK}, ("mock",))

    assert [each.has_external for each in (ModelCatalogue({}, ()), ours, CATALOGUE)] == [False, False, True]
