"""The variables the product runs with: the stack's, overridden by those that the caller has set."""

import json
from collections.abc import Iterable, Mapping

from devstack.folder import RunFolder
from devstack.keys import SERVER_KEYS, write_private
from devstack.ports import HOST

PREFIXES = ("DECODE_", "TEMPORAL_")
RUN_FOLDER = "DECODE_RUN"
"""Says which stack is meant; the product does not read it."""


def product_environment(
    *,
    keys: Mapping[str, str],
    servers: Iterable[Mapping[str, str]],
    api_port: int,
    caller: Mapping[str, str],
    given_before: Mapping[str, str],
) -> dict[str, str]:
    """Return all variables of the product.

    `servers`: the variables of each server of the stack. `given_before`: the variables of the last `up`; a caller
    that has loaded them does not override anything, so they do not outlive a server's move to another port.
    """
    variables = {
        "DECODE_ENVIRONMENT": "development",
        "DECODE_MONGODB_DATABASE": "decode",
        "DECODE_API_HOST": HOST,
        "DECODE_API_PORT": str(api_port),
    }
    variables |= {name: value for name, value in keys.items() if name not in SERVER_KEYS}
    from_servers = {name: value for settings in servers for name, value in settings.items()}
    echo = {name for name in from_servers if caller.get(name) == given_before.get(name)}
    return variables | from_servers | {name: value for name, value in ours(caller).items() if name not in echo}


def ours(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the product reads."""
    return {name: value for name, value in variables.items() if name.startswith(PREFIXES) and name != RUN_FOLDER}


def for_process(variables: Mapping[str, str], *, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return a process's environment: the inherited one, with the product's variables from the stack alone."""
    rest = {name: value for name, value in inherited.items() if not name.startswith(PREFIXES)}
    return rest | dict(variables)


def write_environment(folder: RunFolder, variables: Mapping[str, str]) -> None:
    """Write them to a file for the supervisor. The file contains keys, so only its owner can read it."""
    write_private(folder.environment, json.dumps(dict(variables), indent=2) + "\n")


def read_environment(folder: RunFolder) -> dict[str, str]:
    """Return the variables as last written; none if the stack was never up."""
    try:
        text = folder.environment.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return {str(name): str(value) for name, value in json.loads(text).items()}
