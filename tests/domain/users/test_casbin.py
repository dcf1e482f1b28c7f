"""Our answers are pycasbin's: who has which permission over random roles."""

from tests.domain.users.casbin_oracle import difference, ours, random_case


def test_random_graphs_have_the_answers_of_pycasbin() -> None:
    assert [text for seed in range(200) if (text := difference(seed))] == []


def test_sample_has_users_with_and_without_each_kind_of_right() -> None:
    """A sample in which all answers are alike would agree with anything."""
    shares = [len(ours(random_case(seed))) for seed in range(200)]

    assert len(set(shares)) > 10
