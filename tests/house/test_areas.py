"""Where a file may be: floor / area / noun. Each failure is a sentence that says what to do."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tests.house.source import FLOORS, ROOT, files, imported_modules

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
(LAYERS,) = [contract for contract in CONTRACTS if contract["name"].startswith("11 ")]
RANKS = {name.strip(" ()"): -depth for depth, layer in enumerate(LAYERS["layers"]) for name in layer.split("|")}
"""Height of each area, the topmost highest. Read from contract 11: the areas and their order are written down once."""
FLOORS_WITH_AREAS = [name.replace(".", "/") for name in LAYERS["containers"]]

KERNEL_FOLDERS = {"api": {"access", "background", "flows", "http", "schemas", "sockets"}}
"""Folders of a floor's own machinery. They know no area."""

LOOSE = {
    "domain": "client_network codes email_address error_codes errors event_specs flow_progress flows"
    " intents moments paging rate_limits typed_text username",
    "workflows": "activity_options background code_flow codes flows handlers job_flow queues search_attributes steps",
    "activities": "codes flow_ends heartbeats",
    "adapters/mongo": "client collection documents exports idempotency schema shards transactions",
    "adapters/neo4j": "client",
    "api": "__main__ app deps openapi",
}
"""Files that lie on a floor itself: its machinery, and what puts the parts of the areas together."""

MAX_FILES = 15


def misplaced_folders() -> list[str]:
    """A sentence for each folder that is neither an area nor a known part of the kernel."""
    return [
        f"{floor}/{folder.name} is no area: put it into one of {sorted(RANKS)}, or add the area to contract 11"
        for floor in FLOORS_WITH_AREAS
        for folder in sorted((ROOT / floor).iterdir())
        if any(folder.glob("**/*.py")) and folder.name not in RANKS.keys() | KERNEL_FOLDERS.get(floor, set())
    ]


def loose_files() -> list[str]:
    """A sentence for each file that lies on a floor and is not on its list."""
    return [
        f"{floor}/{path.name} lies in no area: move it into the area of its noun"
        for floor in FLOORS_WITH_AREAS
        for path in sorted((ROOT / floor).glob("*.py"))
        if path.stem not in {"__init__", *LOOSE[floor].split()}
    ]


def imports_of_areas_above() -> list[str]:
    """A sentence for each import of an area above the file's own, on this floor or another."""
    return [
        f"{path} imports {module} of an area above its own: move down what both need"
        for path in files(*FLOORS_WITH_AREAS)
        for module in imported_modules(path)
        if is_above(area_of(module.split(".")), area_of(path.parts))
    ]


def area_of(parts: Sequence[str]) -> str | None:
    """The area in which a file or a module lies; None for machinery."""
    depth = 2 if parts[0] == "adapters" else 1
    return next((part for part in parts[depth : depth + 1] if part in RANKS), None)


def is_above(other: str | None, own: str | None) -> bool:
    return other is not None and own is not None and RANKS[other] > RANKS[own]


def full_folders() -> list[str]:
    """A sentence for each product folder with more files than can be read at a glance."""
    sizes: dict[Path, int] = {}
    for path in files(*FLOORS):
        sizes[path.parent] = sizes.get(path.parent, 0) + 1
    return [
        f"{folder} has {size} files, {MAX_FILES} is the most: split the area or move a noun"
        for folder, size in sizes.items()
        if size > MAX_FILES
    ]


def test_folder_on_a_floor_is_an_area() -> None:
    assert misplaced_folders() == []


def test_file_outside_the_areas_is_on_the_list() -> None:
    assert loose_files() == []


def test_area_knows_only_the_areas_below_it_on_every_floor() -> None:
    assert imports_of_areas_above() == []


def test_lists_name_only_what_is_there() -> None:
    named = [ROOT / floor / f"{stem}.py" for floor, stems in LOOSE.items() for stem in stems.split()]

    assert [path for path in named if not path.exists()] == []


def test_folders_can_be_read_at_a_glance() -> None:
    assert full_folders() == []
