"""How long random runs are: a fifth in `make test`, all of it in `make soak`."""

import os

SHARE = 5


def count_of(whole: int) -> int:
    """Return how many steps a random run takes here. `whole`: in `make soak`."""
    return whole if os.environ.get("DECODE_SOAK") else whole // SHARE
