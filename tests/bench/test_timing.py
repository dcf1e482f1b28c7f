"""What is taken from many times of the same call."""

from bench.timing import percentile


def test_percentile_is_the_value_below_which_that_share_lies() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.75) == 4.0
    assert percentile([2.0, 1.0], 0.0) == 1.0
    assert percentile([7.0], 0.99) == 7.0
