"""Where a file may lie: floor / area / noun. Each failure is a sentence that says what to do."""

import tomllib
from pathlib import Path

from tests.house.source import FLOORS, ROOT, files

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
(LAYERS,) = [contract for contract in CONTRACTS if contract["name"].startswith("11 ")]
AREAS = {name.strip(" ()") for layer in LAYERS["layers"] for name in layer.split("|")}
FLOORS_WITH_AREAS = [name.replace(".", "/") for name in LAYERS["containers"]]
"""Read from contract 11: the areas and their order are written down once."""

KERNEL_FOLDERS = {
    "api": {"access", "background", "flows", "http", "schemas"},
}
"""Folders of a floor's own machinery. They know no area."""

LOOSE = {
    "domain": "client_network codes email_address errors flow_progress flows paging rate_limits username"
    " error_codes event_specs",
    "workflows": "activity_options codes flows queues search_attributes steps",
    "activities": "codes",
    "adapters/mongo": "client collection driver_patch idempotency transactions schema",
    "adapters/neo4j": "client",
    "api": "__main__ app deps openapi",
}
"""Files that lie on a floor itself: its machinery, and what puts the parts of the areas together."""

MOST_FILES = 15


def misplaced_folders() -> list[str]:
    """A sentence for each folder that is neither an area nor a known part of the kernel."""
    return [
        f"{floor}/{folder.name} is no area: put it into one of {sorted(AREAS)}, or add the area to contract 11"
        for floor in FLOORS_WITH_AREAS
        for folder in sorted((ROOT / floor).iterdir())
        if any(folder.glob("**/*.py")) and folder.name not in AREAS | KERNEL_FOLDERS.get(floor, set())
    ]


def loose_files() -> list[str]:
    """A sentence for each file that lies on a floor and is not on its list."""
    return [
        f"{floor}/{path.name} lies in no area: move it into the area of its noun"
        for floor in FLOORS_WITH_AREAS
        for path in sorted((ROOT / floor).glob("*.py"))
        if path.stem not in {"__init__", *LOOSE[floor].split()}
    ]


def full_folders() -> list[str]:
    """A sentence for each product folder with more files than can be read at a glance."""
    sizes: dict[Path, int] = {}
    for path in files(*FLOORS):
        sizes[path.parent] = sizes.get(path.parent, 0) + (path.name != "__init__.py")
    return [
        f"{folder} has {size} files, {MOST_FILES} is the most: split the area or move a noun"
        for folder, size in sizes.items()
        if size > MOST_FILES
    ]


def test_folder_on_a_floor_is_an_area() -> None:
    assert misplaced_folders() == []


def test_file_outside_the_areas_is_on_the_list() -> None:
    assert loose_files() == []


def test_lists_name_only_what_is_there() -> None:
    gone = [
        name for floor, names in LOOSE.items() for name in names.split() if not (ROOT / floor / f"{name}.py").exists()
    ]

    assert gone == []


def test_folders_can_be_read_at_a_glance() -> None:
    assert full_folders() == []
