"""The only error of this package, with a message for the developer."""


class StackError(Exception):
    """Says what is wrong and what to do. Shown without a traceback; the exit code is 1."""
