"""Checks arguments against the JSON Schemas of tools, compiled once."""

from collections.abc import Iterable, Sequence
from itertools import islice

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from domain.assistant.tools.registry import Arguments, ToolDefinition
from domain.assistant.tools.results import Fault

MAX_FAULTS = 20
MAX_FIELD_LENGTH = 100
MAX_MESSAGE_LENGTH = 300
TOO_DEEP = [Fault("", "the arguments are nested too deeply")]
MASK = "the value"
"""Stands for an argument in a message: it may be long, and its caller knows it."""


class ArgumentSchemas:
    """The schemas of tools. Raises ValueError for one that is not JSON Schema 2020-12."""

    def __init__(self, tools: Iterable[ToolDefinition]) -> None:
        self._validators = {tool.name: _compiled(tool) for tool in tools}

    def find_faults(self, tool: ToolDefinition, arguments: Arguments) -> Sequence[Fault]:
        """Return what does not fit the tool's schema, at most MAX_FAULTS. Raises KeyError for another tool."""
        validator = self._validators[tool.name]
        try:
            return [_fault(error) for error in islice(validator.iter_errors(dict(arguments)), MAX_FAULTS)]
        except ValueError:
            # The engine reads no value that is nested more than 255 deep (0.60.3).
            return TOO_DEEP


def _compiled(tool: ToolDefinition) -> Draft202012Validator:
    return Draft202012Validator(
        dict(tool.parameters),
        validate_formats=True,
        ignore_unknown_formats=False,
        mask=MASK,
        # The engine without backtracking: the time for a text grows with its length alone, whatever the pattern.
        pattern_options=RegexOptions(),
        offline=True,
    )


def _fault(error: ValidationError) -> Fault:
    field = ".".join(map(str, error.instance_path))
    return Fault(field[:MAX_FIELD_LENGTH], error.message[:MAX_MESSAGE_LENGTH])
