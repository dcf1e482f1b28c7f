"""The commit-msg hook reports which rule a message breaks."""

from pathlib import Path

import pytest
import yaml

from tests.house.commit_message import LONGEST_SUBJECT, SCISSORS, faults, main
from tests.house.source import ROOT

GOOD = [
    "Refuse production without TLS to Temporal",
    "Add a door\n\nIt was missing.\n",
    "Pass the address on\n",
    "Focus on one thing",
    "Bring back the index",
    "Speed up the search",
    f"A{'b' * (LONGEST_SUBJECT - 1)}",
    "Add a door\n# Please enter the commit message\n",
    f"Add a door\n{SCISSORS}\n# what follows\ndiff --git a/x b/x\n",
    "Merge branch 'newcomers'",
    f'Revert "{"b" * LONGEST_SUBJECT}"\n\nThis reverts commit 1.',
    f"fixup! {'b' * LONGEST_SUBJECT}",
]

BAD = {
    "": "empty",
    "# nothing but a comment\n": "empty",
    f"A{'b' * LONGEST_SUBJECT}": "73 characters",
    "Add a door.": "full stop",
    "add a door": "capital letter",
    "Fix: the door": "without a prefix",
    "Added a door": "as an order",
    "Adding a door": "as an order",
    "Adds a door": "as an order",
    "Add a door\nIt was missing.": "blank line",
}


@pytest.mark.parametrize("message", GOOD)
def test_good_message_has_no_fault(message: str) -> None:
    assert faults(message) == []


@pytest.mark.parametrize(("message", "fault"), BAD.items())
def test_broken_rule_is_named(message: str, fault: str) -> None:
    (sentence,) = faults(message)

    assert fault in sentence


def test_every_broken_rule_is_named() -> None:
    assert len(faults(f"added {'b' * LONGEST_SUBJECT}.\nbody")) == 5


def test_bad_message_stops_the_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "COMMIT_EDITMSG"
    written.write_text("Add a door.\n", encoding="utf-8")

    assert main([str(written)]) == 1
    assert capsys.readouterr().err == "The subject ends with a full stop: leave it out.\n"


def test_good_message_lets_the_commit_pass(tmp_path: Path) -> None:
    written = tmp_path / "COMMIT_EDITMSG"
    written.write_text("Add a door\n", encoding="utf-8")

    assert main([str(written)]) == 0


def test_hook_runs_the_program_on_the_message() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (hook,) = [hook for hook in config["repos"][0]["hooks"] if hook["stages"] == ["commit-msg"]]

    assert hook["entry"].endswith("-m tests.house.commit_message")
    assert "commit-msg" in config["default_install_hook_types"]
