"""The package of the client: what is in it, its version, and that it is made of the contract as it is."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import decode_client
from sdk import contract, python_client
from sdk.operations import snake

DOCUMENT = contract.load()
MODULES = {f"decode_client/generated/{name}.py" for name in ("answers", "operations", "requests", "version")}


@pytest.fixture(scope="module")
def packed() -> Path:
    """The folder with the wheel and the source archive."""
    python_client.pack()
    return python_client.PACKED


async def test_every_operation_is_a_method() -> None:
    async with decode_client.DecodeClient("http://nowhere.test") as decode:
        methods = {f"{group}.{name}" for group, operations in vars(decode).items() for name in dir(operations)}
    expected = {f"{snake(each.group)}.{snake(each.name)}" for each in contract.operations(DOCUMENT)}

    assert expected - methods == set()


def test_version_is_that_of_the_api() -> None:
    assert decode_client.__version__ == DOCUMENT["info"]["version"]


def test_wheel_has_what_is_generated_and_says_that_it_is_typed(packed: Path) -> None:
    (wheel,) = packed.glob(f"decode_client-{decode_client.__version__}-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    assert MODULES | {"decode_client/py.typed", "decode_client/client.py"} <= names


def test_wheel_can_be_imported_by_itself(packed: Path, tmp_path: Path) -> None:
    (wheel,) = packed.glob("*.whl")
    # A wheel is an archive that Python can import from as it is.
    script = f"import sys; sys.path.insert(0, {str(wheel)!r}); import decode_client; print(decode_client.__file__)"

    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=tmp_path)

    assert said.stdout.strip() == str(wheel / "decode_client" / "__init__.py")


def test_source_archive_has_what_is_generated(packed: Path) -> None:
    (archive,) = packed.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    assert MODULES | {"pyproject.toml", "README.md"} <= names


def test_answers_take_values_that_the_contract_does_not_list() -> None:
    flow = contract.tolerant(DOCUMENT["components"]["schemas"])["Flow"]["properties"]

    assert flow["state"] == {"anyOf": [{"$ref": "#/components/schemas/FlowState"}, {"type": "string"}]}
    assert "enum" not in json.dumps(flow)
