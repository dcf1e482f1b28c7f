"""Makes sdk/python from the contract: `python -m sdk.python_client`.

What is generated is not committed. `make env` makes it when the contract or what makes it has changed, and lets `.venv`
import the client from where it lies, as an editable installation does.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

from devstack.locks import held
from devstack.stamps import Stamp
from sdk import contract
from sdk.operations import render

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sdk" / "python"
PACKED = PACKAGE / "dist"
GENERATED = PACKAGE / "decode_client" / "generated"
PROJECT = ROOT / "pyproject.toml"
INPUTS = (contract.DOCUMENT, PROJECT, ROOT / "requirements-dev.lock", *sorted((ROOT / "sdk").glob("*.*")))
STAMP = Stamp(GENERATED / "inputs.sha256", INPUTS)

COMMON = """
    --input-file-type openapi --target-python-version 3.11 --formatters builtin --disable-timestamp
    --use-schema-description --use-standard-collections --use-union-operator
"""
ANSWERS = """
    --output-model-type pydantic_v2.BaseModel --base-class decode_client.model.Answer --snake-case-field
    --remove-special-field-name-prefix --capitalise-enum-members --output-datetime-class datetime
"""
REQUESTS = "--output-model-type typing.TypedDict --no-use-closed-typed-dict --enum-field-as-literal all"


def generate() -> None:
    """Make what is missing or out of date."""
    with held(PACKAGE / ".generating.lock"):
        if not STAMP.is_current():
            _generate()
    link = Path(sysconfig.get_path("purelib")) / "decode_client.pth"
    link.write_text(f"{PACKAGE}\n", encoding="utf-8")


def pack() -> None:
    """Make the wheel and the source archive, in `dist`."""
    generate()
    shutil.rmtree(PACKED, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", str(PACKAGE)], check=True, stdout=sys.stderr)


def product_version() -> str:
    """The version of the API, which is the client's."""
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def _generate() -> None:
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir()
    document = contract.load()
    schemas, operations = document["components"]["schemas"], contract.operations(document)
    whole = [contract.json_schema(answer) or {} for each in operations for answer in each.answers.values()]
    answers = [contract.enveloped(schema, schemas) or schema for schema in whole]
    bodies = [each.body for each in operations]
    _write("__init__", "")
    _write_types("answers", contract.tolerant(contract.reachable(schemas, answers)), ANSWERS)
    _write_types("requests", contract.reachable(schemas, bodies), REQUESTS)
    _write("operations", render(document))
    _write("version", f'VERSION = "{product_version()}"\n')
    STAMP.write()


def _write_types(name: str, schemas: contract.Json, options: str) -> None:
    source = GENERATED / f"{name}.json"
    source.write_text(json.dumps(contract.with_schemas(schemas)), encoding="utf-8")
    files = ("--input", str(source), "--output", str(GENERATED / f"{name}.py"))
    generator = [sys.executable, "-m", "datamodel_code_generator"]
    subprocess.run([*generator, *files, *COMMON.split(), *options.split()], check=True)
    source.unlink()


def _write(name: str, text: str) -> None:
    (GENERATED / f"{name}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    generate()
