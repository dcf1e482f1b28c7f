"""The packed client, used as an app uses it. The tests of its behavior are Node's, in the files beside this one."""

import json
import shutil
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from sdk.typescript_client import FOLDER, ROOT, build, main
from tests.support.accounts import make_account
from tests.support.markdown_blocks import named_blocks, run_bash
from tests.support.people import SignedIn

README = "sdk/typescript/README.md"
FILES = ["answers", "chats", "notifications", "refresh", "waiting"]
ACCOUNTS_EACH = 6


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of Node that has the packed client and the package `ws`, and our tests."""
    project = tmp_path_factory.mktemp("app")
    packages = project / "node_modules"
    with tarfile.open(build()) as packed:
        packed.extractall(project, filter="data")
    packages.mkdir()
    (project / "package").rename(packages / "decode-client")
    for name in ("ws", "@types"):
        (packages / name).symlink_to(FOLDER / "node_modules" / name)
    for test in Path(__file__).parent.glob("*.*"):
        shutil.copy(test, project)
    return project


def facts(account: SignedIn) -> dict[str, Any]:
    """What a test in JavaScript knows of an account."""
    person = account.person
    return {
        "username": person.username,
        "user_id": str(account.user["_id"]),
        "credentials": person.credentials,
        "session": account.session,
    }


@pytest.mark.parametrize("name", FILES)
async def test_client_behaves_as_its_tests_say(name: str, project: Path, stack: Stack, resources: Resources) -> None:
    accounts = [facts(await make_account(resources)) for _ in range(ACCOUNTS_EACH)]
    variables = {"DECODE_API": stack.url("api"), "DECODE_ACCOUNTS": json.dumps(accounts)}

    said = await run_bash(f"cd '{project}' && node --test --test-timeout=150000 {name}.test.mjs", variables, within=180)

    assert "# fail 0" in said


def test_every_file_of_tests_is_run() -> None:
    assert sorted(path.name for path in Path(__file__).parent.glob("*.test.mjs")) == [
        f"{name}.test.mjs" for name in FILES
    ]


async def test_types_accept_what_the_api_takes_and_refuse_the_rest(project: Path) -> None:
    await run_bash(f"cd '{project}' && '{FOLDER}/node_modules/.bin/tsc' --project .", {}, within=180)


async def test_code_of_the_readme_runs(project: Path, stack: Stack, resources: Resources) -> None:
    account = await make_account(resources)
    (block,) = named_blocks(README)
    values = {
        "https://api.example.com": stack.url("api"),
        "ada": account.person.username,
        "correct horse battery staple": account.person.password,
        "0123456789abcdef0123456789abcdef": account.person.fingerprint,
    }
    text = block.text
    for shown, real in values.items():
        text = text.replace(f'"{shown}"', json.dumps(real))
    (project / block.name).write_text(text, encoding="utf-8")

    said = await run_bash(f"cd '{project}' && node {block.name}", {})

    assert said.splitlines() == [
        f"Hello {account.person.username}",
        "completed",
        "1 New Login Detected",
        "Hello! How can I help you today? (completed)",
    ]


def test_package_has_the_version_of_the_api() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    own = [json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("package.json", "package-lock.json")]

    assert build().name == f"decode-client-{version}.tgz"
    assert [each["version"] for each in own] == [version, version]


def test_build_without_a_change_does_nothing() -> None:
    before = build().stat()

    assert build().stat() == before


def test_missing_npm_is_one_sentence_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sdk.typescript_client.FOLDER", tmp_path)
    monkeypatch.setattr("sdk.typescript_client.DIST", tmp_path / "dist")
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))

    code = main()

    said = capsys.readouterr().err
    assert code == 1
    assert said.count("\n") == 1
    assert "needs node, which is not on PATH; install it with: " in said
