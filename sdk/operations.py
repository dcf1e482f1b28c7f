"""Writes each operation of the contract as a Python method, in one class for each tag."""

import keyword
import re
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sdk.contract import Json, Operation, enveloped, json_schema, named, operations

SCALARS = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
FORMATS = {"date": "date"}


def render(document: Json) -> str:
    """Return the module `operations` of the client."""
    # The result is Python, not HTML.
    templates = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    groups = groupby(operations(document), lambda operation: operation.group)
    classes = [_class(name, list(group), document) for name, group in groups]
    templates.filters |= {"snake": snake, "pascal": lambda name: name[0].upper() + name[1:]}
    return templates.get_template("operations.py.jinja").render(classes=classes)


def snake(name: str) -> str:
    """Return a name of the contract as one of Python: `proveDevice` is `prove_device`, `from` is `from_`."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _class(name: str, group: list[Operation], document: Json) -> Json:
    descriptions = {tag["name"]: tag["description"] for tag in document["tags"]}
    methods = [_method(operation, document["components"]["schemas"]) for operation in group]
    return {"name": name, "description": descriptions[group[0].tag], "methods": methods}


def _method(operation: Operation, schemas: Json) -> Json:
    answers = {status: _answer(answer, schemas) for status, answer in operation.answers.items()}
    body = operation.body
    return {
        "operation": operation,
        "path": [parameter["name"] for parameter in operation.parameters("path")],
        "query": [_argument(parameter) for parameter in operation.parameters("query")],
        "body": body and (f"Unpack[requests.{named(body['$ref'])}]" if "$ref" in body else "object"),
        "readers": {status: reader for status, (_, reader) in answers.items()},
        "result": " | ".join(dict.fromkeys(kind for kind, _ in answers.values())),
    }


def _argument(parameter: Json) -> Json:
    """An argument of a method. None is not sent: then the default of the API counts."""
    kind = _type(parameter["schema"])
    optional = kind if kind.endswith("| None") else f"{kind} | None"
    return {"name": parameter["name"], "type": kind if parameter.get("required") else f"{optional} = None"}


def _answer(answer: Json, schemas: Json) -> tuple[str, str]:
    """The type of an answer, and the expression that reads it."""
    schema = json_schema(answer)
    if schema is None:
        return "str", "text"
    data = enveloped(schema, schemas)
    kind = _type(schema if data is None else data)
    return kind, f"{'whole' if data is None else 'data'}({'type(None)' if kind == 'None' else kind})"


def _type(schema: Json) -> str:
    """A schema as a Python type."""
    if "$ref" in schema:
        return f"answers.{named(schema['$ref'])}"
    if "anyOf" in schema:
        return " | ".join(_type(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        # One of the methods is called `list`.
        return f"builtins.list[{_type(schema['items'])}]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {_type(values) if isinstance(values, dict) else 'Any'}]"
    return FORMATS.get(schema.get("format", ""), SCALARS.get(schema.get("type", ""), "Any"))
