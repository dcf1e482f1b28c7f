from domain.assistant.conversation import BYTES_PER_TOKEN, RESERVED_TOKENS
from domain.assistant.language_models import CHAIN, MODELS, ModelFacts

SMALL = ModelFacts("small", context_tokens=1_000, max_output=100)


def test_prompt_answer_and_reserve_share_the_context() -> None:
    assert SMALL.max_prompt_bytes == (1_000 - 100 - RESERVED_TOKENS) * BYTES_PER_TOKEN


def test_answer_is_cut_behind_all_that_a_model_could_mean_by_its_limit() -> None:
    assert SMALL.max_answer_bytes == 800


def test_models_of_the_chain_are_known_and_have_room_for_a_question() -> None:
    assert [name for name in CHAIN if MODELS[name].max_prompt_bytes < 16_000 * 4] == []
