"""Keys are made once for a run folder and belong to its owner."""

from pathlib import Path

from devstack.keys import MAKERS, kept_keys


def test_keys_are_kept_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys.env"

    first = kept_keys(path)

    assert first.keys() == MAKERS.keys()
    assert kept_keys(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_other_folder_has_other_keys(tmp_path: Path) -> None:
    one, other = kept_keys(tmp_path / "one" / "keys.env"), kept_keys(tmp_path / "other" / "keys.env")

    assert all(one[name] != other[name] for name in MAKERS)


def test_missing_key_is_added_to_the_kept_ones(tmp_path: Path) -> None:
    path = tmp_path / "keys.env"
    path.write_text("DECODE_LOOKUP_SECRET=old\n")

    keys = kept_keys(path)

    assert keys["DECODE_LOOKUP_SECRET"] == "old"
    assert keys["DECODE_ROOT_KEYS"].startswith("dev1:")
