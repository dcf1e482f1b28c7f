"""The rules for commit messages: `python -m tests.house.commit_message FILE`, run by git before each commit.

The rules stand in CONTRIBUTING.md. Only standard library, so that it takes no noticeable time.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

LONGEST_SUBJECT = 72
SCISSORS = "# ------------------------ >8 ------------------------"
"""What follows this line, with `git commit --verbose`, is the change itself."""

BY_GIT = re.compile(r'(Merge |Revert "|(fixup|squash|amend)! )')
"""Subjects that git writes. They hold the subject of another commit, so their length is not ours."""

NOT_IMPERATIVE = re.compile(r"\w+(ed|ing|[^su]s)\b", re.IGNORECASE)
IMPERATIVE = {"bring", "embed", "exceed", "feed", "need", "proceed", "shed", "speed", "string", "succeed"}
"""Imperatives that end like another form of the verb."""


def faults(message: str) -> list[str]:
    """A sentence for each rule that the message breaks."""
    subject, *body = _written(message) or [""]
    if BY_GIT.match(subject):
        return []
    return [*_faults_of_subject(subject), *_faults_of_body(body)]


def _written(message: str) -> list[str]:
    """The lines that git keeps: no comments, no diff, no empty lines around them."""
    kept = message.partition(SCISSORS)[0].splitlines()
    return "\n".join(line for line in kept if not line.startswith("#")).strip().splitlines()


def _faults_of_subject(subject: str) -> list[str]:
    if not subject:
        return ["The message is empty: write what the commit does."]
    verb = subject.split()[0]
    checks = {
        f"The subject has {len(subject)} characters: {LONGEST_SUBJECT} is the most.": len(subject) > LONGEST_SUBJECT,
        "The subject ends with a full stop: leave it out.": subject.endswith("."),
        f"The subject begins with '{verb}': begin it with a capital letter, without a prefix.": not _is_word(verb),
        f"The subject begins with '{verb}': write it as an order, such as 'Add' or 'Refuse'.": not _is_order(verb),
    }
    return [sentence for sentence, is_broken in checks.items() if is_broken]


def _is_word(verb: str) -> bool:
    return verb[0].isupper() and not verb.endswith(":")


def _is_order(verb: str) -> bool:
    return verb.lower() in IMPERATIVE or not NOT_IMPERATIVE.match(verb)


def _faults_of_body(body: Sequence[str]) -> list[str]:
    if body and body[0].strip():
        return ["The second line is not empty: leave a blank line between the subject and the body."]
    return []


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 after one line for each fault of the message in the file."""
    found = faults(Path(arguments[0]).read_text(encoding="utf-8"))
    sys.stderr.writelines(f"{sentence}\n" for sentence in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
