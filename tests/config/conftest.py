import os

import pytest


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of this process are no test's."""
    for name in [name for name in os.environ if name.startswith("DECODE_")]:
        monkeypatch.delenv(name)
