"""Where the stack speaks: progress on stderr, answers on stdout, so that answers can be piped."""

import sys


def say(text: str) -> None:
    """Tell the person what is going on."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def answer(text: str) -> None:
    """Give what the command was asked for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
