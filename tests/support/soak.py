"""How long random runs are: a part in `make test`, all of it in `make soak`."""

import os

SHARE = 5


def count_of(whole: int, share: int = SHARE) -> int:
    """Return how many steps a random run takes here. `whole`: in `make soak`; `share`: the part of it in
    `make test`.
    """
    return whole if os.environ.get("DECODE_SOAK") else whole // share
