"""The stack's output: progress on stderr, results on stdout, so that results can be piped."""

import sys


def say(text: str) -> None:
    """Print progress to stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def answer(text: str) -> None:
    """Print the result of a command to stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
