"""How often Python collects garbage in the API and in the workers."""

import gc

THRESHOLD = 10_000
"""Net allocations of objects before the collector runs on the youngest generation. The default of 700 is about one
request or one workflow task: the collector would run on nearly each and find almost nothing, because their objects are
freed by reference count.
"""


def collect_less_often() -> None:
    """Exclude what is loaded by now from every collection, since it lives to the end, and collect less often."""
    gc.freeze()
    gc.set_threshold(THRESHOLD)
