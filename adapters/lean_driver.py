"""Loads Neo4j's driver without what is not used of it: 30 MB and a tenth of a second less in each process.

Both processes import this module first, before anything else loads the driver.
"""

import calendar
import sys
from importlib.util import find_spec

# The driver loads numpy wherever it is installed; only the charts need it. None makes an import fail as if it were not
# there (https://docs.python.org/3/reference/import.html#the-module-cache).
_is_loaded = sys.modules.setdefault("numpy", None) is not None  # type: ignore[arg-type]

import neo4j._codec.packstream.v1 as python_codec  # noqa: E402
import neo4j.time  # noqa: E402

if not _is_loaded:
    del sys.modules["numpy"]
if find_spec("neo4j._rust"):
    # Tables of the codec in Python; the one in Rust (`neo4j-rust-ext`) is used instead of it.
    python_codec.PACKED_UINT_16.clear()
    python_codec.UNPACKED_UINT_16.clear()


class _DaysInMonth(dict[tuple[int, int], int]):
    """The driver's table of the months of 9 999 years, which it looks at for a date. Our times are numbers."""

    def __missing__(self, month: tuple[int, int]) -> int:
        return calendar.monthrange(*month)[1]


neo4j.time._DAYS_IN_MONTH = _DaysInMonth()
