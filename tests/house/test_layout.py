"""Where a line of code belongs: the rules of docs/house.md that a program can check."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.logging import ALLOWED_FIELDS
from domain.delivery.mail import MailKind
from tests.house.source import FLOORS, FOLDERS, ROOT, defines_workflow, files, functions, imported, lines, tree

MODULES = files(*FOLDERS)
PRODUCT = [path for path in files(*FLOORS) if path.name != "__init__.py"]
PACKAGES = [path for path in MODULES if path.name == "__init__.py"]
PUBLIC = Path("sdk/python/decode_client/__init__.py")
"""What the users of our client import from."""

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "services", "repositories"}
"""Names under which anything could be put."""

PATTERNS = ("*.lock", "*.toml", "*.yml", "*.json", "Makefile", ".env.example", ".ci/*", "devstack/**/pom.xml")
NPM_FOLDERS = ("tests/outside", "tests/gateway/assistant/socketio", "sdk/typescript")
NPM_FILES = [f"{folder}/{name}" for folder in NPM_FOLDERS for name in ("package*", ".npmrc")]
CONFIG_FILES = [path for pattern in (*PATTERNS, "devstack/**/go.*", *NPM_FILES) for path in ROOT.glob(pattern)]
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|index-url|registry\.npmjs|yarnpkg\.com|repo1?\.maven|maven\.org|proxy\.golang\.org",
    re.IGNORECASE,
)
LOGS = re.compile(r"(logger\.\w+|\blogged_unless_away)$")
"""`logged_unless_away` logs the sentence that it is given."""
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(home|root|work|Users|private|mnt|srv|opt)/\w+")


def found(pattern: re.Pattern[str]) -> dict[str, list[str]]:
    """Matches of the pattern in lock and config files, by file."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in CONFIG_FILES}
    return {name: pattern.findall(text) for name, text in texts.items() if pattern.search(text)}


def address(path: Path) -> Path:
    """Where a file lies on its floor: area and noun, the same on every floor."""
    return Path(*path.parts[1:])


def without_tests(*, among: list[Path]) -> list[Path]:
    """Modules without a test file at the same address below tests."""
    return [path for path in among if not (ROOT / "tests" / path.with_name(f"test_{path.name}")).exists()]


def log_calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every line of ours that logs."""
    for path in PRODUCT:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and re.search(LOGS, ast.unparse(node.func)):
                yield path, node


def log_fields(call: ast.Call) -> list[str]:
    """Keys of a written-out `extra={…}`."""
    extras = [word.value for word in call.keywords if word.arg == "extra" and isinstance(word.value, ast.Dict)]
    return [ast.literal_eval(key) for extra in extras for key in extra.keys if key]


@pytest.mark.parametrize("root", FLOORS)
def test_root_is_ours(root: str) -> None:
    spec = importlib.util.find_spec(root)

    assert spec is not None
    assert spec.origin == str(ROOT / root / "__init__.py")


@pytest.mark.parametrize("folder", FOLDERS)
def test_root_hides_no_module_of_the_standard_library(folder: str) -> None:
    assert folder not in sys.stdlib_module_names


def test_json_of_clients_is_read_in_one_place() -> None:
    """`json.loads` alone raises RecursionError for a body of thirty thousand brackets."""
    reading = [path for path in files("api") if "json.loads(" in (ROOT / path).read_text(encoding="utf-8")]

    assert reading == [Path("api/schemas/json_text.py")]


def test_package_files_are_empty() -> None:
    assert [path for path in PACKAGES if (ROOT / path).read_bytes()] == [PUBLIC]


def test_every_folder_with_code_is_a_package() -> None:
    assert {path.parent for path in MODULES} - {path.parent for path in PACKAGES} == set()


def test_names_say_what_is_in_them() -> None:
    assert [path for path in MODULES if FORBIDDEN & {path.stem, *path.parent.parts}] == []


def test_files_are_short() -> None:
    assert {path: lines(path) for path in MODULES if lines(path) > 300} == {}


def test_functions_are_short() -> None:
    sizes = [
        (str(path), node.name, node.end_lineno - node.lineno + 1)
        for path in MODULES
        for node in functions(path)
        if node.end_lineno
    ]

    assert [entry for entry in sizes if entry[2] > 60] == []


def test_files_open_with_what_they_are() -> None:
    assert [path for path in PRODUCT if not ast.get_docstring(tree(path))] == []


def test_domain_needs_the_standard_library_alone() -> None:
    needed = {name for path in files("domain") for name in imported(path)}

    assert needed - sys.stdlib_module_names - {"domain"} == set()


def test_workflows_have_activities_of_the_same_noun() -> None:
    nouns = {address(path) for path in files("workflows") if defines_workflow(path)}

    assert nouns - {address(path) for path in files("activities")} == set()


def test_rules_have_tests_of_the_same_noun() -> None:
    judging = [path for path in files("domain") if any(functions(path))]

    assert without_tests(among=judging) == []


def test_crypto_has_tests_of_the_same_noun() -> None:
    crypto = [path for path in files("adapters/crypto") if path.name != "__init__.py"]

    assert without_tests(among=crypto) == []


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html"])
def test_letter_has_its_three_templates(kind: MailKind, part: str) -> None:
    assert (ROOT / "templates" / "mail" / kind / part).exists()


def test_config_names_no_package_registry() -> None:
    assert found(REGISTRY) == {}


def test_config_names_no_place_on_one_machine() -> None:
    assert found(MACHINE_PATH) == {}


def test_log_messages_are_constant_sentences() -> None:
    """They are printed as they are (config/logging.py), so they must not contain personal data."""
    wordings = [(path, [type(argument) for argument in call.args]) for path, call in log_calls()]

    assert [entry for entry in wordings if entry[1] != [ast.Constant]] == []


def test_log_fields_are_on_the_list() -> None:
    """Others would be dropped silently."""
    named = {field for _, call in log_calls() for field in log_fields(call)}

    assert named - set(ALLOWED_FIELDS) == set()
