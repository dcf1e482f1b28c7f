"""The one error of this package: a sentence for the person at the keyboard."""


class StackError(Exception):
    """Says what is wrong and what to do. Shown without a traceback; the exit code is 1."""
