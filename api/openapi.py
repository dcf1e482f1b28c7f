"""Write docs/openapi.json: `python -m api.openapi`. A test checks that the file is current."""

import json
import sys
from functools import cache
from pathlib import Path

from api.app import EXAMPLES, TAGS, routes
from api.http.contract import ContractApi

PATH = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


@cache
def contract() -> str:
    """Return the OpenAPI document as JSON, as it is committed. It needs no settings and no server."""
    return json.dumps(ContractApi(routes(), TAGS, EXAMPLES).openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(contract())
    sys.stdout.write(f"wrote {PATH.name}\n")
