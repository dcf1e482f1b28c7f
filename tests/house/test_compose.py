"""docker-compose.yml and what belongs to it, as far as it can be checked without Docker."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.__main__ import GRACE_SECONDS
from api.sockets.lifespan import LEAVE_TIMEOUT_SECONDS, TASK_TIMEOUT_SECONDS
from config.settings import Settings
from devstack.folder import RunFolder
from devstack.product import product_rows
from devstack.servers.catalogue import OPTIONAL_SERVERS
from devstack.servers.temporal import DYNAMIC_CONFIG
from tests.house.source import FLOORS, ROOT
from workers.__main__ import HARD_STOP_SECONDS

Service = dict[str, Any]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Service] = COMPOSE["services"]
STAYING = {name: service for name, service in SERVICES.items() if service["restart"] == "unless-stopped"}
OURS = ("api", "worker")
LONGEST_LEAVE = {"api": GRACE_SECONDS + LEAVE_TIMEOUT_SECONDS + TASK_TIMEOUT_SECONDS, "worker": HARD_STOP_SECONDS}
"""Seconds from SIGTERM to the end."""
KNOWN = {f"DECODE_{field.upper()}" for field in Settings.model_fields} | {"DECODE_SECRETS_DIR"}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
VERSION = re.compile(r"[\w./-]+:(v?\d+\.\d+[\w.-]*|server-b\d+)")


def published(service: Service) -> list[str]:
    """Ports that another machine could reach."""
    return [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")]


def write_secrets(folder: Path) -> None:
    runpy.run_path(str(ROOT / "deploy" / "new_secrets.py"))["write"](folder)


@pytest.fixture
def secrets_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    write_secrets(folder)
    return folder


def test_every_image_has_a_version() -> None:
    images = [service["image"] for service in SERVICES.values()] + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert [image for image in images if not VERSION.fullmatch(image)] == []


@pytest.mark.defect(40)
def test_only_the_api_is_published() -> None:
    assert {name: published(service) for name, service in SERVICES.items() if published(service)} == {
        "api": ["${DECODE_PORT:-4000}:4000"]
    }


def test_every_server_restarts_and_has_a_health_check() -> None:
    assert {name for name, service in STAYING.items() if "healthcheck" not in service} == set()
    assert set(SERVICES) - set(STAYING) == {"temporal-schema", "temporal-namespace"}


@pytest.mark.parametrize("name", OURS)
def test_product_runs_without_rights(name: str) -> None:
    service = SERVICES[name]

    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108


@pytest.mark.parametrize("name", OURS)
def test_product_has_the_time_to_leave_that_it_takes(name: str, tmp_path: Path) -> None:
    rows = {row.name: row for row in product_rows(RunFolder(tmp_path), {"api": 4000}, 1)}

    assert SERVICES[name]["stop_grace_period"] == f"{rows[name].patience}s"
    assert rows[name].patience > LONGEST_LEAVE[name]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    named = {variable for variable in SERVICES[name]["environment"] if variable.startswith("DECODE_")}

    assert named - KNOWN == set()


@pytest.mark.parametrize("name", OURS)
def test_variables_and_secrets_are_all_that_is_needed(
    name: str, secrets_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in KNOWN:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    given = {path.name for path in secrets_folder.iterdir()}

    settings = Settings(_secrets_dir=secrets_folder)

    assert settings.root_keys.get_secret_value().startswith("k1:")
    assert set(SERVICES[name]["secrets"]) <= given


def test_every_secret_is_made_once(secrets_folder: Path) -> None:
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}

    assert {path.name for path in secrets_folder.iterdir()} == wanted
    with pytest.raises(FileExistsError):
        write_secrets(secrets_folder)


def test_servers_that_are_optional_here_are_optional_there() -> None:
    here = {(profile, name) for name, service in SERVICES.items() for profile in service.get("profiles", [])}

    assert here == {(name, server.name) for name, servers in OPTIONAL_SERVERS.items() for server in servers}


def test_temporal_is_tuned_like_the_dev_server() -> None:
    tuned = yaml.safe_load((ROOT / "deploy" / "temporal" / "dynamicconfig.yaml").read_text(encoding="utf-8"))

    assert {key: json.dumps(values[0]["value"]) for key, values in tuned.items()} == DYNAMIC_CONFIG


def test_prometheus_asks_servers_that_are_there() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    targets = [job["static_configs"][0]["targets"][0] for job in config["scrape_configs"]]

    assert {target.partition(":")[0] for target in targets} <= set(SERVICES)


def test_image_holds_the_product() -> None:
    copied = set(re.findall(r"^COPY ([\w./]+) ", DOCKERFILE, re.MULTILINE))
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert copied == {*FLOORS, "templates", "docs/asyncapi.yaml", "pyproject.toml", "requirements.lock"}
    assert {f"!{name}" for name in copied} <= set(allowed)
